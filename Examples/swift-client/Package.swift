// swift-tools-version: 6.2
import PackageDescription

// A client of yours says .package(url: "...", from: "0.1.0") alone. .ci/check-swift-client sets the variable, to do the same
// with a tagged clone.
let migstream: Package.Dependency =
  switch Context.environment["MIGSTREAM_REPOSITORY"] {
  case let repository?: .package(url: repository, from: "0.0.1")
  case nil: .package(name: "migstream", path: "../..")
  }

let package = Package(
  name: "swift-client",
  dependencies: [migstream],
  targets: [
    .executableTarget(
      name: "swift-client",
      dependencies: [
        .product(name: "DeviceModel", package: "migstream"),
        .product(name: "MigrationStream", package: "migstream"),
        .product(name: "ResumePath", package: "migstream"),
      ],
      swiftSettings: [
        .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
        .enableExperimentalFeature("Lifetimes"),
      ])
  ]
)
