#include "directory/session_registry.h"

#include <boost/asio/post.hpp>

#include <utility>
#include <vector>

namespace tegami::directory {

struct SessionRegistry::Session {
    AccountId account;
    async::Executor executor;
    std::function<void()> end; ///< used on the executor alone; empty once the session has left
    SessionFooting footing;
};

SessionRegistry::Entry::~Entry() {
    session_->end = nullptr;
    registry_->remove(session_);
}

std::unique_ptr<SessionRegistry::Entry> SessionRegistry::add(AccountId account, async::Executor executor,
                                                             std::function<void()> end, SessionFooting footing) {
    auto session = std::make_shared<Session>(Session{
        .account = account, .executor = std::move(executor), .end = std::move(end), .footing = std::move(footing)});
    const std::lock_guard lock(guard_);
    sessions_.emplace(account, session);
    return std::make_unique<Entry>(this, std::move(session));
}

void SessionRegistry::end_all(AccountId account, std::string_view keep) {
    end_those(account, [&](const Session& session) { return keep.empty() || session.footing.web_session != keep; });
}

void SessionRegistry::end_web(AccountId account, std::string_view web_session) {
    end_those(account, [&](const Session& session) {
        const std::string& own = session.footing.web_session;
        return !own.empty() && (web_session.empty() || own == web_session);
    });
}

void SessionRegistry::end_app_password(AccountId account, std::string_view app_password) {
    end_those(account, [&](const Session& session) { return session.footing.app_password == app_password; });
}

void SessionRegistry::end_those(AccountId account, const std::function<bool(const Session&)>& chosen) {
    std::vector<std::shared_ptr<Session>> ending;
    {
        const std::lock_guard lock(guard_);
        const auto [first, last] = sessions_.equal_range(account);
        for (auto at = first; at != last; ++at)
            if (chosen(*at->second)) ending.push_back(at->second);
    }
    for (std::shared_ptr<Session>& session : ending) {
        const async::Executor executor = session->executor;
        boost::asio::post(executor, [session = std::move(session)] {
            if (const auto end = std::exchange(session->end, nullptr)) end();
        });
    }
}

void SessionRegistry::remove(const std::shared_ptr<Session>& session) {
    const std::lock_guard lock(guard_);
    const auto [first, last] = sessions_.equal_range(session->account);
    for (auto at = first; at != last; ++at) {
        if (at->second != session) continue;
        sessions_.erase(at);
        return;
    }
}

} // namespace tegami::directory
