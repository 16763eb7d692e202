// Everything that can be managed, as requests and answers in JSON: what the command line asks, of the running server
// through its socket or, without a server, of this class directly.
//
// A request is POST /NAME with an object; the answer is an object with status 200, or {"error": "a sentence"} with
// 400 (wrong request), 404 (not there), 409 (there already, or in use) or 503 (try later).
// Who may reach the socket may do everything: its file mode is the only permission.
#pragma once

#include "base/random.h"
#include "directory/directory.h"
#include "net/http.h"
#include "store/engine/engine.h"
#include "store/journey.h"
#include "store/queue.h"
#include "store/store.h"

#include <boost/json/object.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::admin {

/// What a reload did.
struct ReloadOutcome {
    std::vector<std::string> applied;  ///< keys that changed and are in force
    std::vector<std::string> restart;  ///< keys that changed and wait for a restart
    std::vector<std::string> problems; ///< why nothing was applied
};

/// Limit: rows of one listing answer.
inline constexpr std::size_t kListingRowsMax = 500;
/// Limit: entries of one import request.
inline constexpr std::size_t kImportEntriesMax = 500;

class Backups;

class Admin {
public:
    struct Dependencies {
        store::Engine& engine;
        store::Store& store;
        directory::Directory& directory;
        store::Queue& queue;
        store::Journeys& journeys;
        Backups* backups = nullptr; ///< nothing: there is no store on a disk
    };

    /// What only a running server can do.
    struct Hooks {
        std::function<async::Awaitable<ReloadOutcome>()> reload; ///< empty: no server runs
        std::function<void()> queue_changed;                     ///< an entry has become due
    };

    Admin(Dependencies dependencies, Hooks hooks);

    /// Answers one request; the Admin outlives it.
    async::Awaitable<net::HttpResponse> handle(net::HttpRequest request);

    struct Refusal {
        unsigned status;
        std::string message;
    };

    using Answer = Result<boost::json::object, Refusal>;
    using Operation = async::Awaitable<Answer> (Admin::*)(boost::json::object);

private:
    async::Awaitable<Answer> domain_add(boost::json::object request);
    async::Awaitable<Answer> domain_list(boost::json::object request);
    async::Awaitable<Answer> domain_remove(boost::json::object request);
    async::Awaitable<Answer> account_add(boost::json::object request);
    async::Awaitable<Answer> account_list(boost::json::object request);
    async::Awaitable<Answer> account_password(boost::json::object request);
    async::Awaitable<Answer> account_remove(boost::json::object request);
    async::Awaitable<Answer> account_removed(boost::json::object request);
    async::Awaitable<Answer> account_expunged(boost::json::object request);
    async::Awaitable<Answer> account_undelete(boost::json::object request);
    async::Awaitable<Answer> account_import(boost::json::object request);
    async::Awaitable<Answer> alias_add(boost::json::object request);
    async::Awaitable<Answer> alias_list(boost::json::object request);
    async::Awaitable<Answer> alias_remove(boost::json::object request);
    async::Awaitable<Answer> queue_list(boost::json::object request);
    async::Awaitable<Answer> queue_show(boost::json::object request);
    async::Awaitable<Answer> queue_retry(boost::json::object request);
    async::Awaitable<Answer> queue_remove(boost::json::object request);
    async::Awaitable<Answer> trace(boost::json::object request);
    async::Awaitable<Answer> verify(boost::json::object request);
    async::Awaitable<Answer> reload(boost::json::object request);
    async::Awaitable<Answer> backup(boost::json::object request);
    async::Awaitable<Answer> restore(boost::json::object request);
    async::Awaitable<Answer> restore_accounts(boost::json::object request);

    async::Awaitable<Answer> restore_account(message::EmailAddress address, std::optional<message::EmailAddress> as);
    async::Awaitable<Result<std::optional<directory::RemovedAccount>, Refusal>>
    removed_account(message::EmailAddress address);
    async::Awaitable<Result<store::AccountPtr, Refusal>> account_with_mail(message::EmailAddress address);

    static const std::map<std::string, Operation, std::less<>>& operations();

    Dependencies dependencies_;
    Hooks hooks_;
};

} // namespace tegami::admin
