// Remembers what servers promised and what clients saw, and judges it. It knows nothing of the servers' insides.
//
// 1. An acknowledged message ends in exactly the mailboxes it should, or in exactly one bounce; one that is not
//    acknowledged and not refused is everywhere or nowhere.
// 2. Nothing that was refused, and nothing that nobody wrote, appears.
// 3. A UID names one message for ever; UIDNEXT, UIDVALIDITY and versions never go back.
// 4. What a client was told is gone stays gone, and nothing goes that nobody removed.
// 5. What a client changed and was told OK stays changed. Octets are exactly those that were written.
#pragma once

#include "simulation/letter.h"
#include "simulation/tap.h"
#include "simulation/world.h"
#include "store/engine/engine.h"

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace tegami::simulation {

/// Where a message is: a mailbox gives each UID once.
struct Place {
    UserIndex user = 0;
    std::string mailbox;
    std::uint32_t validity = 0;
    std::uint32_t uid = 0;
    auto operator<=>(const Place&) const = default;
};

std::string describe(const Place& place);

/// What befell a machine in this run, as far as it excuses something.
struct Troubles {
    std::uint32_t crashes = 0;     ///< power cuts and restarts
    std::uint32_t disk_errors = 0; ///< failed reads, writes and syncs
    std::uint32_t rotten_bits = 0;
    std::uint32_t unreadable = 0; ///< messages at the end
    bool clock_leapt = false;     ///< so far that letters may have expired
    bool name_lied_about = false;
};

class Oracle {
public:
    Oracle(Simulation& simulation, std::vector<User> users, std::size_t servers)
        : simulation_(simulation), users_(std::move(users)), troubles_(servers) {}

    const std::vector<User>& users() const { return users_; }

    const User& user(UserIndex index) const { return users_.at(index); }

    Troubles& troubles(ServerIndex server) { return troubles_.at(server); }

    Passages& passages() { return passages_; }

    const std::vector<Letter>& letters() const { return letters_; }

    /// What a client did with a letter, and what it was promised.
    void wrote(Letter letter);

    // What clients saw.
    /// The highest UIDNEXT that anybody knows of. Whoever asks now must be told at least this.
    std::uint32_t uid_next(UserIndex user, const std::string& mailbox) const;
    /// The answer to somebody who asked when `least` was known.
    void saw_mailbox(UserIndex user, const std::string& mailbox, std::uint32_t validity, std::uint32_t uid_next,
                     std::uint32_t least);
    /// A message and its Message-ID.
    void saw(const Place& place, const std::string& id);
    /// The whole text of a message that is no letter: it must be a bounce.
    void saw_text(const Place& place, const std::string& octets);
    /// A session was told that it is gone.
    void saw_gone(const Place& place);

    // What clients do. First `removing` (it may be gone from now on), then `removed` if the server said OK.
    void removing(const Place& place);
    void removed(const Place& place);
    /// COPY or MOVE was asked for, and the answer said where it went.
    void copying(const Place& from);
    void copied(const Place& from, const Place& to);
    /// COPY or MOVE was refused for good: nothing was copied.
    void not_copied(const Place& from);
    /// A keyword was set or taken away: the answer is OK, or not known.
    void marked(const Place& place, const std::string& keyword, bool set);
    void marking(const Place& place, const std::string& keyword);

    /// What was visible on a machine, and must stay so.
    void saw_versions(ServerIndex server, const std::map<store::Domain, store::Version>& versions);

    /// The last look at a mailbox: everything that is in it, when nothing moves any more.
    struct Found {
        std::uint32_t uid = 0;
        std::set<std::string> flags;
        std::string octets; ///< empty: it cannot be read
    };

    void census(UserIndex user, const std::string& mailbox, std::uint32_t validity, const std::vector<Found>& found);
    /// A mailbox as census() found it.
    const std::map<std::uint32_t, std::set<std::string>>& found_in(UserIndex user, const std::string& mailbox) const;

    /// Judges every letter, after the census of every mailbox.
    void judge();

    struct Figures {
        std::uint64_t letters = 0;
        std::uint64_t acknowledged = 0;
        std::uint64_t refused = 0;
        std::uint64_t unknown = 0;
        std::uint64_t copies = 0; ///< that were delivered to mailboxes
        std::uint64_t bounces = 0;
        std::uint64_t passages = 0; ///< messages sent whole from server to server
    };

    Figures figures() const;

private:
    enum class State : std::uint8_t { there, leaving, gone };

    struct Known {
        std::string id;
        State state = State::there;
        std::map<std::string, bool> keywords; ///< of which a session is sure
    };

    struct Counters {
        std::uint32_t validity = 0;
        std::uint32_t uid_next = 0;
    };

    struct Bounce {
        std::optional<std::uint32_t> letter; ///< none: its header could not be read either
        UserIndex user = 0;                  ///< who got it
        std::set<std::string> recipients;
    };

    /// How many copies came by delivery: at least, at most.
    struct Copies {
        std::uint32_t least = 0;
        std::uint32_t most = 0;
    };

    void problem(std::string what) { simulation_.problem("oracle", std::move(what)); }

    Copies delivered(UserIndex user, const std::string& id) const;
    std::uint32_t repeats_allowed(const Letter& letter, const Recipient& recipient) const;
    bool may_bounce(const Letter& letter, const Recipient& recipient) const;
    std::uint32_t bounces_about(const Letter& letter, const Recipient& recipient) const;
    /// Whether it came back in a bounce that cannot say which letter it was, because a bit had rotted.
    bool came_back_unnamed(const Letter& letter, const Recipient& recipient) const;
    void judge_letter(const Letter& letter);
    /// Whether it arrived or came back, for letters of which that is not known.
    /// Whether it reached the recipient; nothing if what is there cannot be read.
    std::optional<bool> judge_recipient(const Letter& letter, const Recipient& recipient, bool must);
    void judge_bounces();
    void check_octets(const Place& place, const std::string& id, const Found& found);

    Simulation& simulation_;
    const std::vector<User> users_;
    std::vector<Troubles> troubles_;
    Passages passages_;
    std::vector<Letter> letters_;
    std::map<std::uint32_t, std::size_t> letter_at_; ///< number → position
    std::map<Place, Known> places_;
    std::map<std::pair<UserIndex, std::string>, std::set<Place>> places_of_; ///< of one message
    std::map<std::pair<UserIndex, std::string>, std::uint32_t> copies_made_;
    std::map<std::pair<UserIndex, std::string>, std::uint32_t> copies_asked_;
    std::map<std::pair<UserIndex, std::string>, Counters> counters_;
    std::map<std::string, Bounce> bounces_; ///< by the bounce's own Message-ID
    std::map<std::pair<UserIndex, std::string>, std::map<std::uint32_t, std::set<std::string>>> found_;
    std::map<UserIndex, std::uint32_t> unreadable_; ///< messages at the end
    std::vector<std::map<store::Domain, store::Version>> versions_;
};

} // namespace tegami::simulation
