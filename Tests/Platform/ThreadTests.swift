import Glibc
import Platform
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ThreadTests {
    @Test func `everything that is pushed is popped, in order`() throws {
        let queue = BoundedQueue<Int>(capacity: 10)
        let producer = try Thread.spawn("producer") {
            for number in 0..<10_000 { _ = queue.push(number, weight: number % 7) }
            queue.close()
        }
        var popped: [Int] = []
        while let number = queue.pop() {
            popped.append(number)
            #expect(queue.weight <= 10)
        }
        producer.join()
        #expect(popped == Array(0..<10_000))
        #expect(!queue.push(1))
    }

    @Test func `an element heavier than the queue passes alone`() {
        let queue = BoundedQueue<Int>(capacity: 1)
        #expect(queue.push(1, weight: 100))
        #expect(queue.pop() == 1)
    }

    @Test func `closing wakes who pops, and failing wakes who pushes`() throws {
        let queue = BoundedQueue<Int>(capacity: 1)
        let answer = Monitor<Int??>(nil)
        let popping = try Thread.spawn("pop") {
            let popped = queue.pop()
            answer.with { $0 = .some(popped) }
        }
        queue.close()
        popping.join()
        #expect(answer.with { $0 } == .some(.none))

        let full = BoundedQueue<Int>(capacity: 1)
        let pushed = Monitor<[Bool]>([])
        _ = full.push(1)
        let pushing = try Thread.spawn("push") {
            let taken = full.push(2)
            pushed.with { $0.append(taken) }
        }
        pause(seconds: 0.01)
        full.fail()
        pushing.join()
        #expect(pushed.with { $0 } == [false])
        #expect(full.pop() == nil)
    }

    @Test func `a monitor gives up waiting in time`() {
        let monitor = Monitor(0)
        #expect(monitor.wait(milliseconds: 20) { $0 == 1 ? true : nil } == nil)
        monitor.with { $0 = 1 }
        #expect(monitor.wait(milliseconds: 20) { $0 == 1 ? true : nil } == true)
    }

    @Test func `a signal is readable from when it is raised until it is cleared`() throws {
        let signal = try Signal()
        #expect(try !signal.wait(milliseconds: 0))
        let thread = try Thread.spawn("raise") { signal.raise() }
        #expect(try signal.wait())
        thread.join()
        #expect(try signal.wait(milliseconds: 0))
        signal.clear()
        #expect(try !signal.wait(milliseconds: 0))
    }
}
