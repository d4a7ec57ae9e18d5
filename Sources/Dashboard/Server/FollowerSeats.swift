import Synchronization

/// Room for those who follow live. A seat is free again when whatever holds it is gone, also a response whose head could
/// not be written and whose body never ran.
final class FollowerSeats: Sendable {
    /// How many there are.
    let count: Int
    private let taken = Atomic(0)

    init(_ count: Int) { self.count = count }

    /// One seat, until it is released; nil while all are taken.
    func take() -> Seat? {
        guard taken.add(1, ordering: .relaxed).newValue <= count else {
            taken.subtract(1, ordering: .relaxed)
            return nil
        }
        return Seat(of: self)
    }

    final class Seat: Sendable {
        private let seats: FollowerSeats

        fileprivate init(of seats: FollowerSeats) { self.seats = seats }

        deinit { seats.taken.subtract(1, ordering: .relaxed) }
    }
}
