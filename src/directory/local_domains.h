// The domains that this server receives mail for. They are few and also held in memory, for decisions without waiting.
#pragma once

#include "async/awaitable.h"
#include "async/mutex.h"
#include "directory/administration.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace tegami::directory {

class LocalDomains {
public:
    explicit LocalDomains(store::Engine& engine) : engine_(engine), table_(std::make_shared<const DomainTable>()) {}

    /// Reads them; once, before all else.
    async::Awaitable<DirectoryResult<>> load();

    /// The domains as of now; cheap, never waits.
    std::shared_ptr<const DomainTable> table() const;
    bool contains(const message::Domain& domain) const;
    /// What is wrong with a new address here: its domain is not one of ours, or it has characters that nobody sees,
    /// such as a byte order mark or a zero-width space. Most of them address_key() leaves out, so it would look like
    /// another address or be the same as one that looks different.
    std::optional<Error> check_new_address(const EmailAddress& address) const;

    async::Awaitable<DirectoryResult<>> add(DomainSettings domain);
    /// Changes one that is there.
    async::Awaitable<DirectoryResult<>> set(DomainSettings domain);
    /// Refused while the domain has accounts or aliases. Its signing keys go with it.
    async::Awaitable<DirectoryResult<>> remove(message::Domain domain);

private:
    void publish(const std::function<void(DomainTable&)>& change);

    store::Engine& engine_;
    async::Mutex changing_;    // so that the table changes in the order of the commits
    mutable std::mutex mutex_; // guards table_ only, never held across a wait
    std::shared_ptr<const DomainTable> table_;
};

} // namespace tegami::directory
