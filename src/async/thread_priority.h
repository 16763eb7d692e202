// How the threads of the process share its processors, so that short work waits for no long one. What the system does not
// know or allow is left out, without harm.
#pragma once

namespace tegami::async {

/// The calling thread has something short to do now and then: when it wakes it goes before threads that are in the
/// middle of something longer, as long as it takes no more than its share (Linux 6.12: a slice of 0.1 ms).
void expect_short_work();

/// While it lives, the thread that made it computes: after threads of ordinary priority (nice 10, which it keeps), and
/// every half of a millisecond whoever waits for its processor goes first (decision 20). Its slice is to be short
/// (expect_short_work): a thread that yields gives up as much of its share.
class Computing {
public:
    Computing();
    ~Computing();
    Computing(const Computing&) = delete;
    Computing& operator=(const Computing&) = delete;
};

} // namespace tegami::async
