// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
  .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
  name: "benchmarks",
  // The name: without it the identity is the folder that the checkout happens to be in.
  dependencies: [.package(name: "migstream", path: "..")],
  targets: [
    .target(
      name: "CPeers", cSettings: [.unsafeFlags(["-O2"])], linkerSettings: [.linkedLibrary("xxhash")]),
    .target(
      name: "BenchStreams",
      dependencies: [.product(name: "MigrationStream", package: "migstream")], swiftSettings: settings),
    .target(
      name: "BenchMachines",
      dependencies: [
        .product(name: "MigrationStream", package: "migstream"), .product(name: "ResumePath", package: "migstream"),
      ], swiftSettings: settings),
    .executableTarget(
      name: "CodecBench",
      dependencies: [
        "BenchMachines", "BenchStreams", "CPeers", .product(name: "MigrationStream", package: "migstream"),
        .product(name: "ResumePath", package: "migstream"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "resumepeak",
      dependencies: [
        "BenchMachines", .product(name: "MigrationStream", package: "migstream"),
        .product(name: "ResumePath", package: "migstream"),
      ], swiftSettings: settings),
    .executableTarget(
      name: "ResumeCost",
      dependencies: [
        .product(name: "MigrationStream", package: "migstream"), .product(name: "ResumeOracle", package: "migstream"),
        .product(name: "ResumePath", package: "migstream"),
      ], swiftSettings: settings),
    .executableTarget(
      name: "intoplace",
      dependencies: [
        "BenchMachines", "BenchStreams", "CPeers", .product(name: "MigrationStream", package: "migstream"),
        .product(name: "ResumePath", package: "migstream"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "streamgen",
      dependencies: ["BenchStreams", .product(name: "MigrationStream", package: "migstream")],
      swiftSettings: settings),
  ]
)
