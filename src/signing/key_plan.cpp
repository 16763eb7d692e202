#include "signing/key_plan.h"

#include "base/assert.h"

#include <algorithm>

namespace tegami::signing {

namespace {

using directory::SigningKey;
using directory::SigningKeyState;

bool says_the_same(const std::string& published, const SigningKey& key) {
    const auto there = dkim::parse_key_record(published);
    const auto ours = dkim::parse_key_record(key.record);
    return there && ours && there->type == ours->type && there->octets == ours->octets;
}

bool is_published(const SigningKey& key, const trust::Answer& answer) {
    return std::ranges::any_of(trust::texts(answer), [&](const std::string& text) { return says_the_same(text, key); });
}

SigningKey in_state(SigningKey key, SigningKeyState state, Timestamp now) {
    key.state = state;
    key.since = now;
    if (state == SigningKeyState::retired) key.private_key.clear();
    return key;
}

/// Those of one kind, newest first.
std::vector<const SigningKey*> select(const std::vector<SigningKey>& keys, dkim::KeyType type, SigningKeyState state) {
    std::vector<const SigningKey*> found;
    for (const SigningKey& key : keys) {
        if (key.algorithm == dkim::to_string(type) && key.state == state) found.push_back(&key);
    }
    // Selectors are different: the order is always the same.
    std::ranges::sort(found, std::greater(),
                      [](const SigningKey* key) { return std::pair(key->since, key->selector); });
    return found;
}

} // namespace

bool is_expired(const SigningKey& key, Timestamp now) {
    return key.state == SigningKeyState::retired && now - key.since >= kRetiredTime;
}

bool is_usable(const SigningKey& key) {
    return message::Domain::parse(key.selector) && dkim::PrivateKey::load(key.private_key);
}

dns::Name record_name(const SigningKey& key) {
    const auto name = dns::Name::parse(key.selector + "._domainkey." + key.domain.ascii());
    ASSERT(name.has_value());
    return *name;
}

trust::Evaluation<KeyPlan> plan_keys(const std::vector<SigningKey>& keys, const trust::DnsAnswers& answers,
                                     Timestamp now, bool renew) {
    KeyPlan plan;
    trust::OpenQuestions open;
    for (const dkim::KeyType type : kKeyTypes) {
        const auto announced = select(keys, type, SigningKeyState::announced);
        auto signing = select(keys, type, SigningKeyState::signing);
        const SigningKey* successor = nullptr;
        for (const SigningKey* key : announced) {
            const auto answer = answers.find(record_name(*key), dns::Type::txt);
            if (!answer)
                trust::merge(open, answer.error());
            else if (successor == nullptr && is_published(*key, **answer))
                successor = key;
        }
        if (successor != nullptr) {
            plan.change.push_back(in_state(*successor, SigningKeyState::signing, now));
        } else if (!signing.empty()) {
            // A crash may have left two.
            successor = signing.front();
            signing.erase(signing.begin());
        }
        if (successor != nullptr) {
            for (const SigningKey* key : signing)
                plan.change.push_back(in_state(*key, SigningKeyState::retired, now));
        }
        const bool is_old = successor != nullptr && successor->state == SigningKeyState::signing &&
                            (renew || now - successor->since >= kSigningTime);
        if (announced.empty() && (successor == nullptr || is_old)) plan.make.push_back(type);
        for (const SigningKey* key : select(keys, type, SigningKeyState::retired)) {
            if (is_expired(*key, now)) plan.forget.push_back(key->selector);
        }
    }
    if (!open.empty()) return failure(std::move(open));
    return plan;
}

} // namespace tegami::signing
