#include "service/jmapd/pusher.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "protocol/sasl/scram.h"
#include "protocol/web_push/encryption.h"
#include "protocol/web_push/vapid.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/push_subscription_object.h"
#include "service/jmapd/state_change.h"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace tegami::jmapd {

namespace {

using directory::PushSubscription;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Limit: how long a push service may take.
constexpr auto kPushPatience = seconds(10);
/// Limit: of its answer, whose status alone counts.
constexpr std::uint64_t kPushAnswerBytesMax = 64 * 1024;
/// Between two pushes to one subscription, so that much that changes at once is one push.
constexpr Duration kUsualPause = seconds(5);
/// After a failure; it doubles with each that follows, and halves with each push that works.
constexpr Duration kFirstRetry = seconds(30);
constexpr Duration kLongestPause = hours(6);
/// While all places are taken.
constexpr Duration kBusyPause = seconds(1);
/// How often a code is sent, until its push service takes it.
constexpr int kVerificationsMax = 6;
/// How long a push service keeps what it cannot deliver: who has been away for longer looks anyway.
constexpr Duration kChangeTtl = days(7);
constexpr Duration kVerificationTtl = days(1);
/// Limit: accounts in one push, which may have 3,993 octets (RFC 8291 §4).
constexpr std::size_t kAccountsOfPushMax = 20;
/// While the directory cannot be read.
constexpr Duration kUnavailablePause = minutes(1);
/// The longest wait for news: what ends by time alone is noticed by then.
constexpr Duration kLookInterval = hours(1);

EventTypes wanted_types(const PushSubscription& subscription) {
    return subscription.types ? known_event_types(*subscription.types) : all_event_types();
}

/// Pushes of the same types of the same accounts: the newest says all that those before it did. It tells the push service
/// nothing (RFC 8030 §5.4).
std::string topic_of(const PushSubscription& subscription, const ChangedTypes& changed) {
    constexpr std::size_t kTopicLength = 32;
    std::string text = subscription.code;
    for (const auto& [account, types] : changed) {
        text += " " + id_of(account);
        for (const std::string& type : types)
            text += " " + type;
    }
    return base64::encode_url(sasl::sha256(text)).substr(0, kTopicLength);
}

/// In seconds; a date counts as none.
Duration retry_after(const net::WebAnswer& answer) {
    const auto said = ascii::parse_number<std::uint64_t>(answer.fields.find("Retry-After").value_or(""));
    const auto most = std::chrono::duration_cast<seconds>(kLongestPause).count();
    return seconds(std::min<std::uint64_t>(said.value_or(0), static_cast<std::uint64_t>(most)));
}

} // namespace

/// What wakes a subscription's task.
struct Pusher::Seat {
    const bool asked;                 ///< its code may have been sent already
    std::atomic<bool> changed = true; ///< its row has to be read anew
    std::mutex guard;
    store::ListenerPtr listener{}; ///< null: it does not wait

    /// From any thread.
    void wake() {
        changed = true;
        const std::lock_guard lock(guard);
        if (listener) listener->post(std::make_shared<const store::Change>());
    }
};

async::Awaitable<> Pusher::run(async::TaskGroup* group) {
    {
        const std::lock_guard lock(guard_);
        group_ = group;
    }
    for (;;) {
        const auto accounts = co_await with_.push.subscriptions.accounts();
        if (!accounts) {
            with_.log.warning("push subscriptions cannot be read", {{"reason", accounts.error().message}});
            co_await async::sleep(&with_.timers, kUnavailablePause);
            continue;
        }
        for (const store::AccountId account : *accounts) {
            const auto there = co_await with_.push.subscriptions.list(account);
            if (!there)
                with_.log.warning("push subscriptions cannot be read", {{"reason", there.error().message}});
            else
                for (const PushSubscription& each : *there)
                    wake({account, each.id}, true);
        }
        co_return;
    }
}

void Pusher::wake(store::AccountId account, std::string id) {
    wake({account, std::move(id)}, false);
}

void Pusher::wake(Name name, bool asked) {
    const std::lock_guard lock(guard_);
    if (group_ == nullptr) return;
    std::shared_ptr<Seat>& seat = seats_[name];
    if (seat) {
        seat->wake();
        return;
    }
    seat = std::make_shared<Seat>(asked);
    group_->spawn("push", serve(name, seat));
}

/// False if there is news of it.
bool Pusher::leave(const Name& name, const Seat& seat) {
    const std::lock_guard lock(guard_);
    if (seat.changed) return false;
    seats_.erase(name);
    return true;
}

async::Awaitable<> Pusher::serve(Name name, std::shared_ptr<Seat> seat) {
    /// However it ends, another task may begin.
    struct Leaving {
        Pusher* pusher;
        const Name& name;
        const std::shared_ptr<Seat>& seat;

        ~Leaving() {
            const std::lock_guard lock(pusher->guard_);
            const auto found = pusher->seats_.find(name);
            if (found != pusher->seats_.end() && found->second == seat) pusher->seats_.erase(found);
        }
    };

    const Leaving leaving{this, name, seat};
    const Name* const whose = &name;
    for (;;) {
        co_await attend(whose, seat.get());
        if (leave(name, *seat)) co_return;
    }
}

/// One subscription, while it is there.
class Pusher::Sitting {
public:
    /// `asked`: the code may have been sent already.
    Sitting(Pusher* pusher, store::AccountPtr account, store::ListenerPtr listener, bool asked)
        : pusher_(pusher), account_(account->id()), listener_(listener),
          changes_(&pusher->with_.shares, std::move(account), std::move(listener)), asked_(asked) {}

    /// Does what there is to do, and waits; false: the subscription is to go.
    async::Awaitable<bool> turn(const PushSubscription* now, std::atomic<bool>* changed) {
        async::Timers& timers = pusher_->with_.timers;
        EventTypes types = now->verified ? wanted_types(*now) : EventTypes();
        co_await changes_.want(std::move(types));
        if (owes(*now) && timers.instant() >= not_before_) {
            const Outcome outcome = co_await send(now);
            if (outcome.delivery == Delivery::gone) co_return false;
            note(outcome, now->verified);
            if (!now->verified && verifications_ >= kVerificationsMax) co_return false;
        }
        const Instant latest = timers.instant() + std::min<Duration>(kLookInterval, now->expires - timers.now());
        while (!*changed && timers.instant() < latest && !(owes(*now) && timers.instant() >= not_before_)) {
            auto news = co_await listener_->receive(&timers, owes(*now) ? std::min(latest, not_before_) : latest);
            co_await changes_.take(std::move(news));
        }
        co_return true;
    }

private:
    /// There is something to be sent.
    bool owes(const PushSubscription& now) const { return now.verified ? !changes_.empty() : !asked_; }

    async::Awaitable<Outcome> send(const PushSubscription* now) {
        auto url = parse_push_url(now->url, pusher_->with_.push.port);
        if (!url) co_return Outcome{.delivery = Delivery::gone};
        const Duration left = now->expires - pusher_->with_.timers.now();
        if (!now->verified) {
            Push push{.url = *std::move(url),
                      .to = *now,
                      .what = {{"@type", "PushVerification"},
                               {"pushSubscriptionId", now->id},
                               {"verificationCode", now->code}},
                      .ttl = std::min(left, kVerificationTtl),
                      .urgency = "high"};
            co_return co_await pusher_->deliver(account_, std::move(push));
        }
        const ChangedTypes told = changes_.next(kAccountsOfPushMax);
        const bool delivered =
            std::ranges::any_of(told, [](const auto& each) { return each.second.contains("EmailDelivery"); });
        Push push{.url = *std::move(url),
                  .to = *now,
                  .what = changes_.describe(told),
                  .ttl = std::min(left, kChangeTtl),
                  .urgency = delivered ? "normal" : "low",
                  .topic = topic_of(*now, told)};
        const Outcome outcome = co_await pusher_->deliver(account_, std::move(push));
        if (outcome.delivery != Delivery::done) changes_.take_back(told);
        co_return outcome;
    }

    /// When the next one may be sent.
    void note(const Outcome& outcome, bool verified) {
        const Instant now = pusher_->with_.timers.instant();
        if (outcome.delivery == Delivery::busy) {
            not_before_ = now + kBusyPause;
            return;
        }
        if (!verified) ++verifications_;
        if (outcome.delivery == Delivery::done) {
            asked_ = true;
            pause_ = verified ? std::max(kUsualPause, pause_ / 2) : kUsualPause;
        } else {
            pause_ = std::clamp(std::max(pause_ * 2, outcome.pause), kFirstRetry, kLongestPause);
        }
        // Who has just shown the code need not wait.
        not_before_ = verified || !asked_ ? now + pause_ : now;
    }

    Pusher* const pusher_;
    const store::AccountId account_;
    const store::ListenerPtr listener_;
    StateChanges changes_;
    bool asked_; ///< the code is with the push service
    int verifications_ = 0;
    Duration pause_ = kUsualPause;
    Instant not_before_{};
};

/// Returns when the subscription is not there any more, or may not be.
async::Awaitable<> Pusher::attend(const Name* name, Seat* seat) {
    const store::AccountId account = name->first;
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    std::optional<Sitting> sitting;
    bool over = false; // perhaps: what the session stands on has ended
    std::unique_ptr<directory::SessionRegistry::Entry> session;
    const auto end = [this, name, &over] {
        over = true;
        wake(*name, true);
    };
    for (;;) {
        seat->changed = false;
        const auto all = co_await with_.push.subscriptions.list(account);
        if (!all) {
            co_await async::sleep(&with_.timers, kUnavailablePause);
            continue;
        }
        const auto now = std::ranges::find(*all, name->second, &PushSubscription::id);
        if (now == all->end()) break;
        if (!session || over) {
            // An end between the look and this is seen by the next look.
            over = false;
            session = with_.push.subscriptions.attend(account, now->owner, executor, end);
            continue;
        }
        if (!sitting) {
            const auto opened = co_await with_.store.account(account);
            if (!opened) {
                co_await async::sleep(&with_.timers, kUnavailablePause);
                continue;
            }
            const store::ListenerPtr listener = (*opened)->listen(executor);
            {
                const std::lock_guard lock(seat->guard);
                seat->listener = listener;
            }
            sitting.emplace(this, *opened, listener, seat->asked);
        }
        const PushSubscription* const present = &*now;
        const bool stays = co_await sitting->turn(present, &seat->changed);
        if (stays) continue;
        const auto removed = co_await with_.push.subscriptions.remove(account, name->second);
        if (removed) break;
        co_await async::sleep(&with_.timers, kUnavailablePause);
    }
    const std::lock_guard lock(seat->guard);
    seat->listener.reset();
}

net::WebQuestion Pusher::question_for(const Push& push) const {
    const auto whole_seconds = [](Duration time) {
        return std::to_string(std::max<std::int64_t>(0, std::chrono::duration_cast<seconds>(time).count()));
    };
    const web_push::Claim claim{.audience = "https://" + push.url.authority(),
                                .contact = with_.contact,
                                .expires = with_.timers.now() + web_push::kClaimTime};
    net::WebQuestion question{.method = "POST",
                              .url = push.url,
                              .fields = {{"Content-Type", "application/json"},
                                         {"TTL", whole_seconds(push.ttl)},
                                         {"Urgency", std::string(push.urgency)},
                                         {"Authorization", web_push::vapid_authorization(with_.push.key, claim)}},
                              .body = write_json(push.what),
                              .body_bytes_max = kPushAnswerBytesMax,
                              .patience = Duration(kPushPatience)};
    if (!push.topic.empty()) question.fields.add("Topic", push.topic);
    if (push.to.public_key.empty()) return question;
    std::string salt(web_push::kSaltBytes, '\0');
    with_.random.fill(salt.data(), salt.size());
    const web_push::Receiver receiver{.public_key = push.to.public_key, .secret = push.to.secret};
    question.body = web_push::encrypt(question.body, receiver, p256::Key::make(), salt).value_or("");
    question.fields.add("Content-Encoding", "aes128gcm");
    return question;
}

async::Awaitable<Pusher::Outcome> Pusher::deliver(store::AccountId account, Push push) {
    const auto of_account = account_slots_.take(account);
    const auto of_host = host_slots_.take(push.url.host);
    const auto of_all = all_slots_.take(0);
    if (!of_account || !of_host || !of_all) co_return Outcome{.delivery = Delivery::busy};
    net::WebQuestion question = question_for(push);
    const auto answer = co_await with_.push.web.ask(std::move(question));
    const auto log = [&](std::string_view outcome, std::string_view reason) {
        const LogField fields[]{
            {"account", account.value}, {"server", push.url.host}, {"outcome", outcome}, {"reason", reason}};
        with_.log.write(LogLevel::debug, "web push", fields);
    };
    if (!answer) {
        log("failed", answer.error().text);
        co_return Outcome{.delivery = Delivery::later};
    }
    const std::string status = fmt::format("status {}", answer->status);
    if (answer->status / 100 == 2) {
        log("taken", status);
        co_return Outcome{.delivery = Delivery::done};
    }
    // RFC 8030 §7.3, §8.3: the subscription has ended there.
    const bool gone = answer->status == 404 || answer->status == 410;
    log(gone ? "gone" : "failed", status);
    co_return Outcome{.delivery = gone ? Delivery::gone : Delivery::later, .pause = retry_after(*answer)};
}

} // namespace tegami::jmapd
