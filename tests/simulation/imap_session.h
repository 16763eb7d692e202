// A person at an IMAP client who keeps one mailbox open, works on it, and whose picture of it must equal the server's.
#pragma once

#include "base/random.h"
#include "simulation/imap_client.h"
#include "simulation/oracle.h"

#include <memory>
#include <string>
#include <vector>

namespace tegami::simulation {

class ImapSession {
public:
    struct Dependencies {
        Simulation& simulation;
        Oracle& oracle;
        net::Network* network;
        net::Endpoint server;
    };

    ImapSession(Dependencies dependencies, UserIndex user, std::string name, std::uint64_t seed);

    /// Logs in and opens a mailbox; false if that did not work.
    async::Awaitable<bool> open();
    /// Does one thing; false once the connection is gone.
    async::Awaitable<bool> step();
    /// Learns what is new and compares the picture with what the server shows of it.
    async::Awaitable<bool> look();
    /// When nothing moves any more: the picture must be what others find in the mailbox.
    async::Awaitable<> look_at_last();

    void close() { client_.close(); }

    bool is_open() const { return open_; }

    /// Letters that APPEND will put there get numbers from here.
    void set_next_letter(std::uint32_t number) { next_letter_ = number; }

private:
    struct Message {
        std::uint32_t uid = 0; ///< 0: not known yet
        std::set<std::string> flags;
        bool known = false; ///< the oracle has been told what it is
    };

    async::Awaitable<ImapAnswer> ask(std::string command);
    void take(const ImapAnswer& answer);
    void take_line(const std::string& line);
    void take_fetch(const Fetched& fetched);
    async::Awaitable<bool> learn();
    async::Awaitable<> learn_texts(std::vector<Place> unknown);
    async::Awaitable<> idle();
    async::Awaitable<> mark();
    async::Awaitable<> remove_some();
    async::Awaitable<> copy_some(bool move);
    async::Awaitable<> append();

    Place place_of(const Message& message) const { return {user_, mailbox_, validity_, message.uid}; }

    std::vector<Place> pick(std::size_t most);
    std::string uids_of(const std::vector<Place>& places) const;
    void problem(std::string what);

    Dependencies dependencies_;
    const UserIndex user_;
    const std::string name_;
    const std::string keyword_; ///< nobody else uses it
    SeededRandom random_;
    ImapClient client_;
    bool open_ = false;
    std::string mailbox_;
    std::uint32_t validity_ = 0;
    std::vector<Message> picture_;
    std::uint32_t next_letter_ = 0;
};

} // namespace tegami::simulation
