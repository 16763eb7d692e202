// Who is logged in at the moment, so that sessions end when their account is removed or disabled or gets another
// password. A session ends itself, on its own thread and with a word to its client: the registry only asks it to.
//
// From any thread.
#pragma once

#include "async/awaitable.h"
#include "directory/types.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace tegami::directory {

/// What a session stands on besides its account, and ends with.
struct SessionFooting {
    std::string web_session{};  ///< the one that it belongs to (web_sessions.h); empty: none
    std::string app_password{}; ///< the one that it was begun with (app_passwords.h); empty: none
};

class SessionRegistry {
    struct Session;

public:
    /// A session's place in the registry; destroyed on the session's thread.
    class Entry {
    public:
        Entry(SessionRegistry* registry, std::shared_ptr<Session> session)
            : registry_(registry), session_(std::move(session)) {}

        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
        ~Entry();

    private:
        SessionRegistry* const registry_;
        const std::shared_ptr<Session> session_;
    };

    /// `end` is called at most once, on `executor` (the session's thread), and never after the entry is destroyed.
    std::unique_ptr<Entry> add(AccountId account, async::Executor executor, std::function<void()> end,
                               SessionFooting footing = {});
    /// Asks every session of the account to end, but what belongs to the web session `keep`; returns at once.
    void end_all(AccountId account, std::string_view keep = {});
    /// Asks what belongs to a web session of the account, or to any if that is empty.
    void end_web(AccountId account, std::string_view web_session);
    /// Asks what was begun with an app password of the account.
    void end_app_password(AccountId account, std::string_view app_password);

private:
    void end_those(AccountId account, const std::function<bool(const Session&)>& chosen);
    void remove(const std::shared_ptr<Session>& session);

    std::mutex guard_;
    std::multimap<AccountId, std::shared_ptr<Session>> sessions_;
};

} // namespace tegami::directory
