// swift-tools-version: 6.2

import PackageDescription

// The layers of Nightjar, lowest first. A target may import only what it lists here; this list is what keeps the words
// of the system (Model) free of system calls, the agent free of SSH, and the server free of SSH.

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, exclude: documents[name] ?? [], swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Sources/Programs/\(name)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + ["Support"], path: "Tests/\(name)", swiftSettings: strict)
}

func system(_ name: String, pkgConfig: String, debian: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([debian])])
}

/// Documents that stand beside the code they describe.
let documents = ["Wire": ["PROTOCOL.md"]]

let package = Package(
    name: "nightjar",
    products: [
        // Preloaded by tests.
        .library(name: "ClockAhead", type: .dynamic, targets: ["ClockAhead"])
    ],
    dependencies: [
        // SQLite for the catalog: statements cached, transactions scoped, values typed.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // The mails are templates that an admin may change.
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        // What Swift cannot import: our system-call shims, and the C libraries.
        .target(name: "CLinux", path: "Sources/C/CLinux"),
        system("CACL", pkgConfig: "libacl", debian: "libacl1-dev"),
        // Archives that every tar reads: pax with ACLs, attributes, holes, hard links and names as bytes is no small format.
        system("CArchive", pkgConfig: "libarchive", debian: "libarchive-dev"),
        // SHA-256, which everybody can check with sha256sum; libssh is linked with it already.
        system("CCrypto", pkgConfig: "libcrypto", debian: "libssl-dev"),
        // gzip two to three times as fast as zlib, block by block, so that several processors can work at one archive.
        system("CDeflate", pkgConfig: "libdeflate", debian: "libdeflate-dev"),
        system("CLibSSH", pkgConfig: "libssh", debian: "libssh-dev"),
        system("CPopt", pkgConfig: "popt", debian: "libpopt-dev"),
        system("CXXHash", pkgConfig: "libxxhash", debian: "libxxhash-dev"),
        system("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev"),

        library("Model", []),
        library("Digest", ["Model", "CXXHash"]),
        library("Checksums", ["CCrypto"]),
        library("Delta", ["Digest", "CXXHash"]),
        library("Platform", ["Model", "CLinux", "CACL"]),
        library("Wire", ["Model", "CZstd"]),
        library("Streams", ["Platform", "Wire"]),
        library("SSH", ["Model", "Platform", "Wire", "CLibSSH"]),
        library("Options", ["CPopt"]),
        library("Configuration", ["Model", "Platform", "Options"]),
        library("Editing", ["Model", "Platform", "Configuration"]),
        library("Agent", ["Model", "Platform", "Digest", "Delta", "Wire", "Configuration"]),
        // GRDBSQLite beside GRDB: the rows of a push are bound straight to SQLite's statements.
        library(
            "Catalog",
            [
                "Model", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        library("Storage", ["Model", "Platform", "Digest", "Catalog"]),
        library(
            "Restore",
            ["Model", "Platform", "Digest", "Catalog", "Storage", "CArchive", "CDeflate", "CZstd"]),
        library(
            "Server",
            [
                "Model", "Platform", "Delta", "Wire", "Streams", "Catalog", "Storage", "Housekeeping", "Queries",
                "Restore",
            ]),
        library("Housekeeping", ["Model", "Platform", "Catalog", "Storage"]),
        library("Queries", ["Model", "Catalog", "Storage", "Housekeeping"]),
        library("Mail", ["Model", "Platform", .product(name: "Mustache", package: "swift-mustache")]),
        library("Placing", ["Model", "Platform"]),
        library("CLI", ["Model", "Platform", "Options"]),
        // What happens to an archive on a jail as on the server: where it goes, and what is said of it.
        library("Delivery", ["Model", "Platform", "Checksums", "Placing", "Mail", "CLI", "Options"]),

        program(
            "nightjar",
            [
                "Agent", "Editing", "SSH", "Streams", "Delivery", "Placing", "Mail", "CLI", "Options", "Configuration",
                "Wire", "Platform", "Model",
            ]),
        program(
            "nightjar-receive",
            [
                "Server", "Housekeeping", "Storage", "Streams", "Wire", "CLI", "Options", "Configuration", "Platform",
                "Model",
            ]),
        program(
            "nightjar-server",
            [
                "Queries", "Restore", "Delivery", "Placing", "Housekeeping", "Mail", "Catalog", "Storage", "CLI",
                "Options", "Configuration", "Platform", "Model",
            ]),

        // For programs under test: a wall clock that is ahead, so that no test has to wait for stamps to settle.
        .target(name: "ClockAhead", path: "Tests/ClockAhead"),
        .target(
            name: "Support", dependencies: ["Model", "Platform"], path: "Tests/Support", swiftSettings: strict),
        tests("Model", ["Model"]),
        tests("Digest", ["Digest", "Model"]),
        tests("Delta", ["Delta", "Digest"]),
        tests("Platform", ["Platform", "Model"]),
        tests("Wire", ["Wire", "Model"]),
        tests("SSH", ["SSH", "Platform", "Model", "Wire"]),
        tests("Options", ["Options"]),
        tests("Configuration", ["Configuration", "Platform", "Model"]),
        tests("Editing", ["Editing", "Configuration", "Platform", "Model"]),
        tests("Agent", ["Agent", "Streams", "Configuration", "Wire", "Delta", "Digest", "Platform", "Model"]),
        tests("Catalog", ["Catalog", "Platform", "Model"]),
        tests("Storage", ["Storage", "Catalog", "Digest", "Platform", "Model"]),
        tests(
            "Server",
            ["Server", "Streams", "Housekeeping", "Storage", "Catalog", "Wire", "Delta", "Digest", "Platform", "Model"]),
        tests("Housekeeping", ["Housekeeping", "Storage", "Catalog", "Model"]),
        tests("Restore", ["Restore", "Checksums", "Storage", "Catalog", "Digest", "Platform", "Model"]),
        tests("Mail", ["Mail", "Platform", "Model"]),
        tests("Placing", ["Placing", "Platform", "Model"]),
        tests("CLI", ["CLI", "Options", "Platform", "Model"]),
        // The programs as they are installed, with a real sshd and stock rsync as the judge.
        tests("EndToEnd", ["Platform", "Model"]),
    ]
)
