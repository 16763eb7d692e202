// Dialogues as text, run against the server over the simulated network; for tests only. A file begins with the
// standard it shows; then:
//
//   given INBOX 3 messages; flags 2 \Deleted   set-up, before anything is said: `mailbox NAME`, `account ADDRESS`, `NAME n messages`,
//                                              `flags UID FLAG…` (of the mailbox named last), `no login`,
//                                              `listener starttls`, `append limit N`, `append messages N`
//   given message NAME                         a message of its own, in the lines after it that begin with "| "
//   1> a1 NOOP          connection 1 says a line; its first use connects and, unless `no login`, logs in
//   1> a1 SELECT INBOX (QRESYNC (@UIDVALIDITY @HIGHESTMODSEQ))   with the values that the connection was told last
//   1>| a\x00b\r\n      …says exactly these octets      1>* 500 x    …says "x" 500 times
//   1< a1 OK            the next line is exactly this   1<~ a1 OK .*  …matches this expression
//   1<...               passes over lines until the next expectation fits, or through the tagged OK of what was said
//   1<-                 nothing comes                   1<eof        the server has closed
//   time 31m            so much time passes             deliver NAME n  so many messages arrive, or one
//   1 close             connection 1 breaks off
#pragma once

#include "service/imapd/test_server_fixture.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tegami::imapd::testing {

struct Step {
    enum class Kind : std::uint8_t {
        given,
        message,
        say,
        expect,
        expect_match,
        skip,
        silence,
        end,
        time,
        deliver,
        close
    };
    Kind kind;
    int line = 0;
    int connection = 0;
    std::string text; ///< what is said, octet by octet; what is expected; a mailbox; a duration
    std::string body; ///< of `message`
};

using Transcript = std::vector<Step>;

/// Reads a transcript; fails the test on what it cannot read.
Transcript read_transcript(const std::string& path);

/// Runs it and checks every expectation.
void run_transcript(const Transcript& transcript);

/// What a run without expectations found out.
struct FailureRun {
    std::vector<std::uint64_t> calls;  ///< store calls since the set-up, as of the end of each step
    std::set<StoredMessage> survivors; ///< messages of the set-up that are still there
};

/// Says the same without expectations and with the `nth` store call after the set-up failing (0: none). Then checks that
/// every connection answers or is closed, that no message is lost that was there or was acknowledged, and that there is
/// none that nobody was told of. `survivors` are those that a run without failures leaves.
FailureRun run_with_failure(const Transcript& transcript, std::uint64_t nth, store::ErrorCode code,
                            const std::set<StoredMessage>& survivors);

} // namespace tegami::imapd::testing
