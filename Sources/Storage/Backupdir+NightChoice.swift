package import Catalog
package import Model

extension Backupdir {
    /// The generation that is meant; nil if there is none, or what the tree holds is not known at the moment.
    package func generation(of choice: NightChoice, in catalog: Catalog) throws -> GenerationRecord? {
        let records = try catalog.generations()
        func record(_ number: Generation?) -> GenerationRecord? { records.first { $0.number == number } }
        switch choice {
        case .night(let number):
            guard let night = try nights(in: catalog).first(where: { $0.number == number }) else { return nil }
            return night.generation.flatMap(record)
        case .generation(let number): return try catalog.isKept(number) ? record(number) : nil
        case .date(let time):
            let nights = Set(try nights(in: catalog).compactMap(\.generation))
            return records.filter { nights.contains($0.number) && $0.committed.map { $0 <= time } ?? false }
                .max { $0.number < $1.number }
        }
    }
}
