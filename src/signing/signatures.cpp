#include "signing/signatures.h"

#include "message/address.h"

#include <algorithm>
#include <utility>

namespace tegami::signing {

namespace {

bool is_signing(const directory::SigningKey& key) {
    return key.state == directory::SigningKeyState::signing;
}

} // namespace

bool Signatures::signs(const message::Domain& domain) const {
    const auto table = keys_.table();
    const auto found = table->find(domain);
    return found != table->end() && std::ranges::any_of(found->second, is_signing);
}

std::optional<message::Domain> Signatures::domain_of(const message::Header& header) const {
    const message::HeaderField* from = header.find("From");
    if (from == nullptr) return std::nullopt;
    const auto author = message::first_address(header.raw_value(*from));
    if (!author || !signs(author->domain)) return std::nullopt;
    return author->domain;
}

std::shared_ptr<const Signatures::LoadedKeys> Signatures::load(const message::Domain& domain) {
    const std::lock_guard lock(guard_);
    if (auto table = keys_.table(); table != table_) {
        table_ = std::move(table);
        loaded_.clear();
    }
    std::shared_ptr<const LoadedKeys>& loaded = loaded_[domain];
    if (loaded) return loaded;
    LoadedKeys keys;
    if (const auto found = table_->find(domain); found != table_->end()) {
        for (const directory::SigningKey& key : found->second) {
            if (!is_signing(key)) continue;
            const auto selector = message::Domain::parse(key.selector);
            auto pair = dkim::PrivateKey::load(key.private_key);
            if (selector && pair) keys.push_back({.selector = *selector, .key = *std::move(pair)});
        }
    }
    loaded = std::make_shared<const LoadedKeys>(std::move(keys));
    return loaded;
}

async::Awaitable<std::string> Signatures::sign(Draft draft) {
    auto keys = load(draft.domain);
    if (keys->empty()) co_return std::string();
    auto work = [draft = std::move(draft), keys = std::move(keys), now = clock_.now()] {
        std::vector<dkim::SigningKey> pairs;
        for (const LoadedKey& each : *keys)
            pairs.push_back({.domain = draft.domain, .selector = each.selector, .key = &each.key});
        return draft.signer.sign(draft.front, message::Header(draft.header), pairs, now).value_or("");
    };
    co_return co_await async::run(&workers_, std::move(work));
}

async::Awaitable<std::string> Signatures::seal(SealDraft draft) {
    auto keys = load(draft.domain);
    const auto key =
        std::ranges::find(*keys, dkim::KeyType::rsa, [](const LoadedKey& each) { return each.key.type(); });
    if (key == keys->end()) co_return std::string();
    auto work = [draft = std::move(draft), keys, key, now = clock_.now()] {
        return draft.sealer
            .seal(draft.front, message::Header(draft.header), draft.status, draft.results,
                  {.domain = draft.domain, .selector = key->selector, .key = &key->key}, now)
            .value_or("");
    };
    co_return co_await async::run(&workers_, std::move(work));
}

} // namespace tegami::signing
