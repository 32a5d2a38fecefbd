// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target of this package.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

/// The rooms that build a second time as Embedded Swift, without the Swift runtime.
let codec: [SwiftSetting] =
  strict + [
    .treatWarning("EmbeddedRestrictions", as: .error),
    .enableExperimentalFeature("Embedded", .when(traits: ["Embedded"])),
  ]

/// Fuzzers go without libFuzzer's tracing of comparisons (Fuzz/CFuzzShim/shim.c).
let ignoresComparisons: [LinkerSetting] = [
  .unsafeFlags(
    ["cmp1", "cmp2", "cmp4", "cmp8", "const_cmp1", "const_cmp2", "const_cmp4", "const_cmp8", "switch", "pc_indir"].flatMap {
      ["-Xlinker", "--defsym=__sanitizer_cov_trace_\($0)=fuzz_ignore_comparison"]
    })
]

let package = Package(
  name: "migstream",
  products: [
    .library(name: "MigrationStream", targets: ["MigrationStream"]),
    .library(name: "ResumePath", targets: ["ResumePath"]),
    .library(name: "DeviceModel", targets: ["DeviceModel"]),
    .library(name: "ResumeOracle", targets: ["ReferenceDevices", "ResumeOracle"]),
    .executable(name: "streamtool", targets: ["streamtool"]),
  ],
  traits: [
    .trait(name: "Embedded", description: "Builds the codec rooms without the Swift runtime."),
    .trait(
      name: "InternalChecks",
      description: "Keeps the codec's checks of itself, which a debug build always has, in a release build."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLibc"),
    .systemLibrary(name: "CLinux"),
    .target(
      name: "MigrationStream", dependencies: ["CLibc", "CZstd", "CXXHash"], swiftSettings: codec),
    .target(name: "ResumePath", dependencies: ["MigrationStream"], swiftSettings: codec),
    .target(name: "CMigStream", exclude: ["Packaging"], cSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "MigStreamABI", dependencies: ["CMigStream", "MigrationStream", "ResumePath"], swiftSettings: codec),
    .target(
      name: "ReferenceDevices", dependencies: ["DeviceModel", "MigrationStream", "ResumePath"], swiftSettings: strict),
    .target(
      name: "ResumeOracle", dependencies: ["MigrationStream", "ReferenceDevices", "ResumePath"], swiftSettings: strict),

    .target(name: "StreamIO", dependencies: ["CLinux", "CZlib", "MigrationStream"], swiftSettings: strict),
    .target(
      name: "StreamReport", dependencies: ["ForeignStreams", "MigrationStream"], swiftSettings: strict),
    .target(name: "ForeignStreams", dependencies: ["MigrationStream"], swiftSettings: strict),
    .target(name: "DeviceModel", dependencies: ["MigrationStream"], swiftSettings: strict),
    .executableTarget(
      name: "streamtool",
      dependencies: [
        "MigrationStream", "ResumePath", "ReferenceDevices", "ResumeOracle", "StreamIO", "StreamMutation", "StreamReport",
        "DeviceModel", "ForeignStreams", "CFuzzShim",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),

    .target(name: "StreamTestKit", dependencies: ["DeviceModel", "MigrationStream"], swiftSettings: strict),
    .executableTarget(
      name: "corpusgen",
      dependencies: ["DeviceModel", "MigrationStream", "StreamMutation", "StreamTestKit", "CFuzzShim"],
      swiftSettings: strict),

    .target(name: "CFuzzShim", path: "Fuzz/CFuzzShim", cSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "StreamMutation", dependencies: ["ForeignStreams", "MigrationStream"], swiftSettings: strict),
    .target(
      name: "ReferenceReader", dependencies: ["CXXHash", "CZstd"], path: "Fuzz/ReferenceReader", swiftSettings: strict),
    .target(
      name: "FuzzSupport",
      dependencies: [
        "CFuzzShim", "CMigStream", "DeviceModel", "ForeignStreams", "MigStreamABI", "MigrationStream", "ReferenceDevices",
        "ReferenceReader", "ResumeOracle", "ResumePath", "StreamMutation", "StreamReport", "StreamTestKit",
      ],
      path: "Fuzz/FuzzSupport", swiftSettings: strict),
    .target(
      name: "CDeviceFuzz", dependencies: ["CMigStream"], path: "Fuzz/CDeviceFuzz",
      cSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "DeviceFuzz", dependencies: ["CDeviceFuzz", "CMigStream", "DeviceModel", "MigrationStream", "StreamMutation"],
      path: "Fuzz/DeviceFuzz", swiftSettings: strict),
    .executableTarget(
      name: "FuzzDecode", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzDecode", swiftSettings: strict,
      linkerSettings: ignoresComparisons),
    .executableTarget(
      name: "FuzzRoundTrip", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzRoundTrip", swiftSettings: strict,
      linkerSettings: ignoresComparisons),
    .executableTarget(
      name: "FuzzMapping", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzMapping", swiftSettings: strict,
      linkerSettings: ignoresComparisons),
    .executableTarget(
      name: "FuzzResume", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzResume", swiftSettings: strict,
      linkerSettings: ignoresComparisons),
    .executableTarget(
      name: "FuzzSave", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzSave", swiftSettings: strict,
      linkerSettings: ignoresComparisons),
    .executableTarget(
      name: "FuzzModel", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzModel", swiftSettings: strict,
      linkerSettings: ignoresComparisons),
    .executableTarget(
      name: "FuzzForeign", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzForeign", swiftSettings: strict,
      linkerSettings: ignoresComparisons),
    .executableTarget(
      name: "FuzzTool", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzTool", swiftSettings: strict,
      linkerSettings: ignoresComparisons),
    .executableTarget(
      name: "FuzzCABI", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzCABI", swiftSettings: strict,
      linkerSettings: ignoresComparisons),
    .executableTarget(
      name: "FuzzCanary", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzCanary", swiftSettings: strict),

    .target(
      name: "CLiveWriter", path: "Tests/CLiveWriter", cSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "CShippedTables", dependencies: ["CMigStream"], path: "Tests/CShippedTables",
      cSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "EmbeddedProbe", dependencies: ["MigStreamABI", "MigrationStream", "ResumePath"], path: "Tests/EmbeddedProbe",
      swiftSettings: codec),
    .testTarget(
      name: "MigrationStreamTests", dependencies: ["CLiveWriter", "MigrationStream", "StreamTestKit"],
      swiftSettings: strict),
    .testTarget(
      name: "DeviceModelTests", dependencies: ["DeviceModel", "MigrationStream", "StreamTestKit"], swiftSettings: strict),
    .testTarget(
      name: "ForeignStreamsTests",
      dependencies: ["ForeignStreams", "MigrationStream", "StreamTestKit"], swiftSettings: strict),
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "DeviceFuzz", "DeviceModel", "ForeignStreams", "FuzzSupport", "MigrationStream", "ReferenceDevices",
        "ReferenceReader", "ResumeOracle", "ResumePath", "StreamMutation", "StreamTestKit",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MigStreamABITests",
      dependencies: ["CMigStream", "CShippedTables", "DeviceModel", "MigStreamABI", "MigrationStream"],
      swiftSettings: strict),
    .testTarget(
      name: "ResumePathTests",
      dependencies: ["DeviceModel", "MigrationStream", "ReferenceDevices", "ResumeOracle", "ResumePath", "StreamTestKit"],
      swiftSettings: strict),
    .testTarget(
      name: "StreamToolTests",
      dependencies: [
        "DeviceModel", "ForeignStreams", "MigrationStream", "StreamIO", "StreamReport", "StreamTestKit",
      ],
      swiftSettings: strict),
  ]
)
