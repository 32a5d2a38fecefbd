// swift-tools-version: 6.2
import PackageDescription

/// Long runs of fuzzers are built with the environment variable MIGSTREAM_QUICK_FUZZERS (`build_target` in
/// Fuzz/targets.sh), and with -sanitize=fuzzer as ever: libFuzzer then counts edges and traces nothing else, and of what
/// only judges or changes inputs it counts functions. Inputs run on one thread, so references are counted without atomic
/// operations; that accesses are exclusive the other builds check. Without the variable no target has unsafe flags for it.
let hasQuickFuzzers = Context.environment["MIGSTREAM_QUICK_FUZZERS"] != nil

func counting(_ what: String) -> [SwiftSetting] {
  hasQuickFuzzers ? [.unsafeFlags(["-sanitize-coverage=\(what),inline-8bit-counters,pc-table"])] : []
}

let onOneThread: [SwiftSetting] =
  hasQuickFuzzers ? [.unsafeFlags(["-Xfrontend", "-assume-single-threaded", "-enforce-exclusivity=unchecked"])] : []

/// Every Swift target of this package.
let strict: [SwiftSetting] = counting("edge") + onOneThread + [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

/// Targets that no fuzzer is about.
let helping = strict + counting("func")

/// The rooms that build a second time as Embedded Swift, without the Swift runtime.
let codec: [SwiftSetting] =
  strict + [
    .treatWarning("EmbeddedRestrictions", as: .error),
    .enableExperimentalFeature("Embedded", .when(traits: ["Embedded"])),
  ]

/// Names that fuzzers link to functions of Fuzz/CFuzzShim/shim.c, for speed: they go without libFuzzer's tracing of
/// comparisons, and use contexts of zstd again.
let fuzzerNames: [String: [String]] = [
  "fuzz_ignore_comparison": [
    "__sanitizer_cov_trace_cmp1", "__sanitizer_cov_trace_cmp2", "__sanitizer_cov_trace_cmp4", "__sanitizer_cov_trace_cmp8",
    "__sanitizer_cov_trace_const_cmp1", "__sanitizer_cov_trace_const_cmp2", "__sanitizer_cov_trace_const_cmp4",
    "__sanitizer_cov_trace_const_cmp8", "__sanitizer_cov_trace_switch", "__sanitizer_cov_trace_pc_indir",
    "__sanitizer_weak_hook_memcmp",
  ],
  "fuzz_decompress": ["ZSTD_decompress"],
  "fuzz_lend_context": ["ZSTD_createDCtx_advanced"],
  "fuzz_take_context_back": ["ZSTD_freeDCtx"],
  "fuzz_compress": ["ZSTD_compress2"],
  "fuzz_lend_compressor": ["ZSTD_createCCtx_advanced"],
  "fuzz_take_compressor_back": ["ZSTD_freeCCtx"],
]

/// - Parameter uncounted: The modules that a fuzzer is not about, whose edges a quick build does not count: a file of
///   Fuzz/uncounted, which is for lld.
func fuzzerLinking(uncounted: String) -> [LinkerSetting] {
  let names = fuzzerNames.sorted { $0.key < $1.key }.flatMap { name, others in
    others.flatMap { ["-Xlinker", "--defsym=\($0)=\(name)"] }
  }
  let script = "\(Context.packageDirectory)/Fuzz/uncounted/\(uncounted).ld"
  return [.unsafeFlags(names + (hasQuickFuzzers ? ["-use-ld=lld", "-Xlinker", "-T", "-Xlinker", script] : []))]
}

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
      name: "ResumeOracle", dependencies: ["MigrationStream", "ReferenceDevices", "ResumePath"], swiftSettings: helping),

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

    .target(name: "StreamTestKit", dependencies: ["DeviceModel", "MigrationStream"], swiftSettings: helping),
    .executableTarget(
      name: "corpusgen",
      dependencies: ["DeviceModel", "MigrationStream", "StreamMutation", "StreamTestKit", "CFuzzShim"],
      swiftSettings: strict),

    .target(name: "CFuzzShim", dependencies: ["CZstd"], path: "Fuzz/CFuzzShim", cSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "StreamMutation", dependencies: ["ForeignStreams", "MigrationStream"], swiftSettings: helping),
    .target(
      name: "ReferenceReader", dependencies: ["CXXHash", "CZstd"], path: "Fuzz/ReferenceReader", swiftSettings: helping),
    .target(
      name: "FuzzSupport",
      dependencies: [
        "CFuzzShim", "CFuzzStructs", "CMigStream", "DeviceModel", "ForeignStreams", "MigStreamABI", "MigrationStream", "ReferenceDevices",
        "ReferenceReader", "ResumeOracle", "ResumePath", "StreamMutation", "StreamReport", "StreamTestKit",
      ],
      path: "Fuzz/FuzzSupport", swiftSettings: helping),
    .target(
      name: "CFuzzStructs", dependencies: ["CMigStream"], path: "Fuzz/CFuzzStructs",
      cSettings: [.headerSearchPath("../../Tests/CInterface"), .treatAllWarnings(as: .error)]),
    .target(
      name: "CDeviceFuzz", dependencies: ["CMigStream"], path: "Fuzz/CDeviceFuzz",
      cSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "DeviceFuzz", dependencies: ["CDeviceFuzz", "CMigStream", "DeviceModel", "MigrationStream", "StreamMutation"],
      path: "Fuzz/DeviceFuzz", swiftSettings: strict),
    .executableTarget(
      name: "FuzzDecode", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzDecode", swiftSettings: strict,
      linkerSettings: fuzzerLinking(uncounted: "codec")),
    .executableTarget(
      name: "FuzzRoundTrip", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzRoundTrip", swiftSettings: strict,
      linkerSettings: fuzzerLinking(uncounted: "codec")),
    .executableTarget(
      name: "FuzzMapping", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzMapping", swiftSettings: strict,
      linkerSettings: fuzzerLinking(uncounted: "codec")),
    .executableTarget(
      name: "FuzzResume", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzResume", swiftSettings: strict,
      linkerSettings: fuzzerLinking(uncounted: "codec")),
    .executableTarget(
      name: "FuzzSave", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzSave", swiftSettings: strict,
      linkerSettings: fuzzerLinking(uncounted: "codec")),
    .executableTarget(
      name: "FuzzModel", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzModel", swiftSettings: strict,
      linkerSettings: fuzzerLinking(uncounted: "documents")),
    .executableTarget(
      name: "FuzzForeign", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzForeign", swiftSettings: strict,
      linkerSettings: fuzzerLinking(uncounted: "foreign")),
    .executableTarget(
      name: "FuzzTool", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzTool", swiftSettings: strict,
      linkerSettings: fuzzerLinking(uncounted: "foreign")),
    .executableTarget(
      name: "FuzzCABI", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzCABI", swiftSettings: strict,
      linkerSettings: fuzzerLinking(uncounted: "codec")),
    .executableTarget(
      name: "FuzzStruct", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzStruct", swiftSettings: strict,
      linkerSettings: fuzzerLinking(uncounted: "codec")),
    .executableTarget(
      name: "FuzzRules", dependencies: ["CFuzzShim", "FuzzSupport"], path: "Fuzz/FuzzRules", swiftSettings: strict,
      linkerSettings: fuzzerLinking(uncounted: "codec")),
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
