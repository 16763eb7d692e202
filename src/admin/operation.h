// What can be asked of the administration: each operation is a row of its family's table (domain.cpp, directory.cpp, undelete.cpp,
// dkim.cpp, dmarc.cpp, tls.cpp, certificate.cpp, dns.cpp (with dns_publish.cpp), queue.cpp, queue_hold.cpp, server.cpp, ban.cpp,
// session.cpp, credential.cpp, backup.cpp, word_index.cpp, trace.cpp, role.cpp, audit.cpp, overview.cpp, setting.cpp, mail.cpp (with mail_taking.cpp and mail_giving.cpp), log.cpp.
#pragma once

#include "admin/caller.h"
#include "admin/certificate_state.h"
#include "admin/configuration_file.h"
#include "admin/json.h"
#include "admin/policy_fetch.h"
#include "admin/server_status.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/memory_budget.h"
#include "base/random.h"
#include "directory/directory.h"
#include "directory/login_guard.h"
#include "discovery/offer.h"
#include "dns_setup/facts.h"
#include "net/dns_primary.h"
#include "net/http.h"
#include "net/resolver.h"
#include "store/audit.h"
#include "store/engine/engine.h"
#include "store/journey.h"
#include "store/queue.h"
#include "store/store.h"
#include "store/traffic.h"

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::admin {

/// Limit: rows of one listing answer.
inline constexpr std::size_t kListingRowsMax = 500;
/// Limit: entries of one import request.
inline constexpr std::size_t kImportEntriesMax = 500;

/// What a reload did.
struct ReloadOutcome {
    std::vector<std::string> applied;  ///< keys that changed and are in force
    std::vector<std::string> restart;  ///< keys that changed and wait for a restart
    std::vector<std::string> warnings; ///< what is in force but will not please clients
    std::vector<std::string> problems; ///< why nothing was applied
};

class Backups;
class LogFeed;
class ProgressBoard;

/// All of them outlive the Admin.
struct Dependencies {
    store::Engine& engine;
    store::Store& store;
    directory::Directory& directory;
    store::Queue& queue;
    store::Journeys& journeys;
    store::Audit& audit;
    store::Traffic& traffic;
    async::Timers& timers;
    ProgressBoard* progress;    ///< of what takes long
    Backups* backups = nullptr; ///< nothing: there is no store on a disk
    LogFeed* log = nullptr;     ///< nothing: no server runs
    /// What is to be published of this server.
    std::function<dns_setup::Host()> host{};
    /// What mail programs are told of this server.
    std::function<discovery::Offer()> mail_offer{};
    /// Looks after the keys of a domain now (signing::KeyKeeper::look); with true, they get successors.
    std::function<async::Awaitable<directory::DirectoryResult<>>(message::Domain, bool)> look_at_keys{};
    /// A resolver that remembers no answers: whoever has just changed a record wants to see that. The error is for the
    /// operator.
    std::function<Result<std::unique_ptr<net::Resolver>, std::string>()> new_resolver{};
    /// The certificates that clients are shown; empty: no server runs.
    std::function<std::vector<CertificateState>()> certificates{};
    /// Gets the one with this name anew, or all if it is empty; empty likewise. The error is for the operator.
    std::function<async::Awaitable<Result<void, std::string>>(std::string)> renew_certificate{};
    PageFetching pages{};
    /// The name server where our records are changed; empty: the operator named none. The error is for the operator.
    std::function<Result<std::unique_ptr<net::DnsPrimary>, std::string>()> new_primary{};
    MemoryBudget* message_memory = nullptr; ///< where messages under way are counted; nothing: they are not
    async::WorkerPool* parsing = nullptr;   ///< takes messages apart that are made to take long; with message_memory
    // What only a running server can do.
    std::function<async::Awaitable<ReloadOutcome>()> reload{}; ///< empty: no server runs
    /// Ends the server for a successor, to whom it leaves its sockets; or why not, in sentences.
    std::function<async::Awaitable<std::vector<std::string>>()> restart{};
    std::function<async::Awaitable<ServerStatus>()> server_status{};
    /// Whose logins are refused at the moment (directory/login_guard.h).
    std::function<std::vector<directory::LoginPause>()> login_pauses{};
    /// Lets an address, a login, or everybody try again; returns how many were refused.
    std::function<std::size_t(std::string address, std::string login)> lift_login_pauses{};
    /// The configuration file, and a change of it (key, value); empty: there is none. Errors are for the operator.
    std::function<async::Awaitable<Result<Settings, std::vector<std::string>>>()> settings{};
    std::function<async::Awaitable<Result<SettingChange, std::vector<std::string>>>(std::string, std::string)>
        change_setting{};
    std::function<void()> queue_changed{};                     ///< an entry has become due
    std::function<bool(const store::QueueItem&)> being_sent{}; ///< somebody works on it at the moment
};

/// Why there is no answer: 400 (wrong request), 403 (not for this caller), 404 (not there), 409 (there already, or in
/// use) or 503 (try later), and a sentence.
struct Refusal {
    unsigned status;
    std::string message;
};

using Answer = Result<json::object, Refusal>;

/// For a caller who may not do what was asked.
Refusal forbidden(const Caller& caller);

/// What an operation takes besides: a member of the request. docs/api.md has them all, and other members are refused.
struct Parameter {
    enum class Kind : std::uint8_t {
        text,
        number,
        flag,
        list,
        secret,  ///< text that is never kept
        entries, ///< a list of objects, of which only the addresses are kept
    };

    std::string_view name;
    Kind kind;
    std::string_view help;
    bool required = false;
};

/// What an operation gives: octets, made as somebody takes them.
using Given = Result<std::unique_ptr<net::BodySource>, Refusal>;

using PlainRun = async::Awaitable<Answer> (*)(const Dependencies* on, Caller caller, json::object parameters);
/// Octets go in behind the parameters: they are read as they come, and never held as a whole. `octets` outlives the call.
/// What is not read of it is passed over.
using TakingRun = async::Awaitable<Answer> (*)(const Dependencies* on, json::object parameters,
                                               net::BodySource* octets);
/// The answer is octets.
using GivingRun = async::Awaitable<Given> (*)(const Dependencies* on, json::object parameters);

/// "text".
std::string_view to_string(Parameter::Kind kind);

struct Operation {
    std::string_view name; ///< "/account/add"
    Access access;
    std::string_view subject; ///< the parameter that names the domain or the account; empty: it is the whole server
    std::variant<PlainRun, TakingRun, GivingRun> run;
    std::string_view help{};
    std::initializer_list<Parameter> parameters{};
};

/// By name: those of all families.
using OperationsByName = std::map<std::string_view, const Operation*>;
const OperationsByName& all_operations();

/// Parameters of many operations.
inline constexpr Parameter kAddressParameter{"address", Parameter::Kind::text, "The account", true};
inline constexpr Parameter kDomainParameter{"domain", Parameter::Kind::text, "The domain", true};
inline constexpr Parameter kOneDomainParameter{"domain", Parameter::Kind::text, "Only this domain"};
inline constexpr Parameter kFromParameter{"from", Parameter::Kind::text, "Where to go on: `next` of the page before"};
inline constexpr Parameter kProgressParameter{"progress", Parameter::Kind::text,
                                              "A name of the caller's, by which /progress tells how far it is"};

std::span<const Operation> mail_operations();
std::span<const Operation> domain_operations();
std::span<const Operation> directory_operations();
std::span<const Operation> undelete_operations();
std::span<const Operation> dkim_operations();
std::span<const Operation> dmarc_operations();
std::span<const Operation> dns_operations();
std::span<const Operation> tls_operations();
std::span<const Operation> certificate_operations();
std::span<const Operation> queue_operations();
std::span<const Operation> queue_hold_operations();
std::span<const Operation> server_operations();
std::span<const Operation> ban_operations();
std::span<const Operation> session_operations();
std::span<const Operation> credential_operations();
std::span<const Operation> backup_operations();
std::span<const Operation> index_operations();
std::span<const Operation> trace_operations();
std::span<const Operation> role_operations();
std::span<const Operation> audit_operations();
std::span<const Operation> overview_operations();
std::span<const Operation> setting_operations();
std::span<const Operation> log_operations();

} // namespace tegami::admin
