#include "trust/arc/sealer.h"

#include "trust/arc/chain.h"
#include "trust/dkim/field_text.h"

#include <fmt/format.h>

namespace tegami::arc {
namespace {

/// Whether the chain may get another set.
bool is_continued(const Chain& chain, Status status) {
    // RFC 8617 §5.1 step 2
    if (chain.flaw && (chain.flaw->reason == Reason::already_failed || chain.flaw->reason == Reason::too_many_sets))
        return false;
    if (chain.highest >= kSetsMax) return false;
    switch (status) {
    case Status::none: return chain.sets.empty() && !chain.flaw;
    case Status::pass: return !chain.sets.empty();
    case Status::fail: return !chain.sets.empty() || chain.flaw;
    }
    return false;
}

std::string message_signature(const dkim::FieldIndex& index, const std::vector<std::string>& names, unsigned instance,
                              const std::string& body_hash, const dkim::SigningKey& key, Timestamp now) {
    dkim::FoldedText field("ARC-Message-Signature:");
    field.add(fmt::format("i={};", instance), " ");
    dkim::add_message_tags(field, key, names, body_hash, now);
    return dkim::signed_field(std::move(field), dkim::choose_fields(index, names), key);
}

} // namespace

Sealer::Sealer() : body_({dkim::kSignedBody}) {}

void Sealer::feed(std::string_view octets) {
    octets.remove_prefix(header_end_.feed(octets));
    body_.feed(octets);
}

void Sealer::finish() {
    body_.finish();
}

std::optional<std::string> Sealer::seal(std::string_view front, const message::Header& header, Status status,
                                        const trust::AuthenticationResults& results, const dkim::SigningKey& key,
                                        Timestamp now) const {
    const message::Header front_header(front);
    if (header.truncated() || front_header.truncated()) return std::nullopt;
    const Chain chain = read_chain({&front_header, &header});
    if (!is_continued(chain, status)) return std::nullopt;
    dkim::FieldIndex index;
    index.add(front_header);
    index.add(header);
    std::vector<std::string> names = dkim::names_to_sign(index);
    names.insert(names.end(), index.find("DKIM-Signature").size(), "DKIM-Signature");
    if (names.size() > dkim::kSignedNamesMax) return std::nullopt;

    // RFC 8617 §5.1 step 4
    const unsigned instance = chain.highest + 1;
    const std::string of_results =
        fmt::format("ARC-Authentication-Results: i={}; {}\r\n", instance, trust::to_string(results));
    const std::string of_message =
        message_signature(index, names, instance, body_.find(dkim::kSignedBody).digest, key, now);
    // §5.1.1, and §5.1.2: of a chain that failed only this set is sealed.
    std::vector<std::string_view> sealed;
    if (status != Status::fail)
        for (const SetFields& set : chain.sets)
            sealed.insert(sealed.end(), {set.results.text, set.message_signature.text, set.seal.text});
    sealed.insert(sealed.end(), {of_results, of_message});
    dkim::FoldedText seal("ARC-Seal:");
    seal.add(fmt::format("i={};", instance), " ");
    dkim::add_key_tags(seal, key, fmt::format("cv={};", to_string(status)), now);
    return dkim::signed_field(std::move(seal), sealed, key) + of_message + of_results;
}

} // namespace tegami::arc
