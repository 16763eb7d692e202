#include "signing/key_keeper.h"

#include "async/all_of.h"
#include "verification/inquiry.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace tegami::signing {

namespace {

using directory::DirectoryResult;
using directory::SigningKey;
using directory::SigningKeyState;

std::string_view event_of(SigningKeyState state) {
    return state == SigningKeyState::signing ? "dkim key signs" : "dkim key retired";
}

/// Limit: one string of a TXT record (RFC 1035 §3.3).
constexpr std::size_t kTextStringBytesMax = 255;

dns::TxtData text_data_of(std::string_view text) {
    dns::TxtData data;
    for (; text.size() > kTextStringBytesMax; text.remove_prefix(kTextStringBytesMax))
        data.strings.emplace_back(text.substr(0, kTextStringBytesMax));
    data.strings.emplace_back(text);
    return data;
}

} // namespace

async::Awaitable<> KeyKeeper::run() {
    while (true) {
        const auto domains = dependencies_.directory.domains();
        std::erase_if(told_unusable_, [&](const auto& told) { return !domains->contains(told.first); });
        // From the end, which is the last one's place.
        const auto names = *domains | std::views::keys | std::views::reverse;
        std::vector<message::Domain> waiting(names.begin(), names.end());
        std::vector<async::Awaitable<>> works;
        for (std::size_t count = std::min(waiting.size(), kDomainsAtOnce); count > 0; --count)
            works.push_back(look_at_each(&waiting));
        if (!works.empty()) co_await async::all_of(std::move(works));
        co_await async::sleep(&dependencies_.timers, kLookInterval);
    }
}

/// Takes out of `waiting`, which others do as well, until nothing is left.
async::Awaitable<> KeyKeeper::look_at_each(std::vector<message::Domain>* waiting) {
    while (!waiting->empty()) {
        message::Domain domain = std::move(waiting->back());
        waiting->pop_back();
        const std::string name = domain.ascii();
        tell_unusable(domain);
        const auto looked = co_await look(std::move(domain));
        if (!looked) dependencies_.log.warning("dkim keys", {{"domain", name}, {"reason", looked.error().message}});
    }
}

async::Awaitable<DirectoryResult<>> KeyKeeper::look(message::Domain domain, bool renew, net::Resolver* asked) {
    if (!dependencies_.directory.domains()->contains(domain))
        co_return failure(directory::Error{directory::ErrorCode::not_found,
                                           fmt::format("{} is not a domain of this server", domain.display())});
    const std::vector<SigningKey> seen = keys_of(domain);
    verification::Inquiry inquiry(asked != nullptr ? *asked : dependencies_.resolver, dependencies_.timers);
    const trust::Evaluator<KeyPlan> evaluate = [&seen, renew,
                                                now = dependencies_.timers.now()](const trust::DnsAnswers& answers) {
        return plan_keys(seen, answers, now, renew);
    };
    co_await inquiry.settle(evaluate);
    const auto changed = co_await change(domain, renew, &inquiry.answers());
    if (!changed) co_return changed;
    if (dependencies_.publisher != nullptr) {
        co_await withdraw_expired(domain);
        co_await publish_announced(domain);
    }
    co_return changed;
}

/// The DNS may take long: what others have done to the keys meanwhile counts, and what it leaves to be asked waits for
/// the next look.
async::Awaitable<DirectoryResult<>> KeyKeeper::change(message::Domain domain, bool renew,
                                                      const trust::DnsAnswers* answers) {
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
    auto plan = plan_keys(keys_of(domain), *answers, dependencies_.timers.now(), renew);
    if (!plan) co_return DirectoryResult<>();
    // Forgotten first, a key could not be withdrawn any more.
    if (dependencies_.publisher != nullptr) plan->forget.clear();
    co_return co_await carry_out(domain, *std::move(plan));
}

/// Those that have just been made, and those that nobody has seen yet.
async::Awaitable<> KeyKeeper::publish_announced(message::Domain domain) {
    for (const SigningKey& key : keys_of(domain)) {
        if (key.state != SigningKeyState::announced) continue;
        dns::Name name = record_name(key);
        std::vector<dns::Data> text{text_data_of(key.record)};
        const auto published =
            co_await dependencies_.publisher->publish(std::move(name), dns::Type::txt, std::move(text));
        if (!published) {
            dependencies_.log.warning(
                "dkim key not published",
                {{"domain", domain.ascii()}, {"selector", key.selector}, {"reason", published.error()}});
            // The next look tries again: other domains' keys do not wait for a name server that is away.
            co_return;
        }
        if (*published == Published::done) tell(key, "dkim key published");
    }
}

/// Takes the records of keys that are to be forgotten out of the DNS, then the keys out of the store.
async::Awaitable<> KeyKeeper::withdraw_expired(message::Domain domain) {
    for (const SigningKey& key : keys_of(domain)) {
        if (!is_expired(key, dependencies_.timers.now())) continue;
        SigningKey copy = key;
        const bool is_withdrawn = co_await withdraw(std::move(copy));
        if (!is_withdrawn) co_return;
        // Another look may have been as far at the same time: then it is gone already.
        message::Domain of = domain;
        std::string selector = key.selector;
        const auto removed = co_await dependencies_.keys.remove(std::move(of), std::move(selector));
        if (!removed && removed.error().code != directory::ErrorCode::not_found)
            dependencies_.log.warning("dkim keys", {{"domain", domain.ascii()}, {"reason", removed.error().message}});
    }
}

async::Awaitable<bool> KeyKeeper::withdraw(SigningKey key) {
    dns::Name name = record_name(key);
    std::vector<dns::Data> none;
    const auto withdrawn = co_await dependencies_.publisher->publish(std::move(name), dns::Type::txt, std::move(none));
    if (!withdrawn)
        dependencies_.log.warning(
            "dkim key not withdrawn",
            {{"domain", key.domain.ascii()}, {"selector", key.selector}, {"reason", withdrawn.error()}});
    else if (*withdrawn == Published::done)
        tell(key, "dkim key withdrawn");
    co_return withdrawn.has_value();
}

async::Awaitable<DirectoryResult<>> KeyKeeper::carry_out(message::Domain domain, KeyPlan plan) {
    for (const std::string& selector : plan.forget) {
        const auto removed = co_await dependencies_.keys.remove(domain, selector);
        if (!removed) co_return removed;
    }
    std::vector<SigningKey> changed = std::move(plan.change);
    for (const dkim::KeyType type : plan.make) {
        auto make = [type] { return dkim::PrivateKey::generate(type); };
        const dkim::PrivateKey pair = co_await async::run(&dependencies_.workers, std::move(make));
        changed.push_back({.domain = domain,
                           .selector = new_selector(domain, type),
                           .algorithm = std::string(dkim::to_string(type)),
                           .private_key = pair.pem(),
                           .record = pair.record(),
                           .state = SigningKeyState::announced,
                           .since = dependencies_.timers.now()});
    }
    const auto put = co_await dependencies_.keys.put(changed);
    if (!put) co_return put;
    for (const SigningKey& key : changed)
        tell(key, key.state == SigningKeyState::announced ? "dkim key made" : event_of(key.state));
    co_return put;
}

std::vector<SigningKey> KeyKeeper::keys_of(const message::Domain& domain) const {
    const auto table = dependencies_.keys.table();
    const auto found = table->find(domain);
    return found == table->end() ? std::vector<SigningKey>() : found->second;
}

/// Says when the key was made and of what kind: "20261126-rsa", a second one of the day "20261126b-rsa".
std::string KeyKeeper::new_selector(const message::Domain& domain, dkim::KeyType type) const {
    const auto day = std::chrono::floor<std::chrono::days>(dependencies_.timers.now());
    const std::chrono::year_month_day date(std::chrono::time_point_cast<std::chrono::days>(day));
    const std::string stem = fmt::format("{:04}{:02}{:02}", static_cast<int>(date.year()),
                                         static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    const std::vector<SigningKey> keys = keys_of(domain);
    for (char letter = 'a';; ++letter) {
        const std::string suffix = letter == 'a' ? "" : std::string(1, letter);
        std::string selector = fmt::format("{}{}-{}", stem, suffix, dkim::to_string(type));
        // There are fewer keys than letters (directory::kSigningKeysMax).
        if (std::ranges::find(keys, selector, &SigningKey::selector) == keys.end()) return selector;
    }
}

void KeyKeeper::tell(const SigningKey& key, std::string_view event) const {
    dependencies_.log.info(event, {{"domain", key.domain.ascii()}, {"selector", key.selector}});
}

/// Letters go without a signature of that key, which nobody would notice here.
void KeyKeeper::tell_unusable(const message::Domain& domain) {
    const Timestamp now = dependencies_.timers.now();
    const auto told = told_unusable_.find(domain);
    if (told != told_unusable_.end() && told->second + std::chrono::days(1) > now) return;
    for (const SigningKey& key : keys_of(domain)) {
        if (key.state == SigningKeyState::retired || is_usable(key)) continue;
        told_unusable_[domain] = now;
        dependencies_.log.error("dkim key cannot be read, and signs nothing",
                                {{"domain", domain.ascii()},
                                 {"selector", key.selector},
                                 {"to_do", fmt::format("tegami dkim rotate {} makes another", domain.ascii())}});
    }
}

} // namespace tegami::signing
