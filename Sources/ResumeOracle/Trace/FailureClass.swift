public enum FailureClass: UInt8, Sendable, CaseIterable { case needMore = 1, noDataNow, rejectedNoEffect, fatalSession, fatalDevice }
import MigrationStream
extension StreamError { var failureClass: FailureClass { .fatalSession } }
