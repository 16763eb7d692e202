#include "trust/arc/chain.h"

#include "base/ascii.h"

#include <algorithm>
#include <array>

namespace tegami::arc {
namespace {

/// In the order in which a seal signs them (RFC 8617 §5.1.1).
constexpr std::array<std::string_view, kFieldsOfSet> kNames{"ARC-Authentication-Results", "ARC-Message-Signature",
                                                            "ARC-Seal"};
constexpr std::size_t kResults = 0;
constexpr std::size_t kMessageSignature = 1;
constexpr std::size_t kSeal = 2;

constexpr std::size_t kInstanceDigitsMax = 2;

struct Numbered {
    unsigned instance;
    Field field;
};

std::optional<std::size_t> kind_of(std::string_view name) {
    const auto found = std::ranges::find_if(kNames, [&](std::string_view each) { return ascii::iequals(each, name); });
    if (found == kNames.end()) return std::nullopt;
    return static_cast<std::size_t>(found - kNames.begin());
}

/// RFC 8617 §3.9 `position`, though not yet at most 50.
Result<unsigned, dkim::Fault> parse_instance(std::string_view digits) {
    const auto number = ascii::parse_number<unsigned>(digits);
    if (!number || *number == 0 || digits.size() > kInstanceDigitsMax)
        return failure(dkim::Fault{.reason = dkim::Reason::signature_syntax, .tag = "i"});
    return *number;
}

Result<Numbered, dkim::Fault> read_field(std::size_t kind, std::string_view text, std::size_t value_at,
                                         std::string_view value) {
    Field field{.text = text, .value_at = value_at, .results = {}, .tags = {}};
    if (kind == kResults) {
        const auto parts = trust::split_instance(value);
        if (!parts) return failure(dkim::Fault{.reason = dkim::Reason::signature_syntax, .tag = "i"});
        field.results = parts->results;
        TRY(const unsigned instance, parse_instance(parts->instance));
        return Numbered{.instance = instance, .field = std::move(field)};
    }
    // The grammar of §4.1.2 and §4.1.3 has the instance first and lets comments be around it. Everybody writes and
    // reads it as one tag of the list.
    auto tags = dkim::TagList::parse(value);
    if (!tags) return failure(dkim::Fault{.reason = dkim::Reason::signature_syntax, .tag = tags.error().name});
    field.tags = *std::move(tags);
    const dkim::Tag* tag = field.tags->find("i");
    if (tag == nullptr) return failure(dkim::Fault{.reason = dkim::Reason::tag_missing, .tag = "i"});
    TRY(const unsigned instance, parse_instance(tag->value));
    return Numbered{.instance = instance, .field = std::move(field)};
}

bool has_status(const Field& seal, Status status) {
    const dkim::Tag* tag = seal.tags->find("cv");
    return tag != nullptr && ascii::iequals(tag->value, to_string(status));
}

/// The fields by instance and kind, and the first flaws of them that no table can hold.
class Collector {
public:
    void add(std::size_t kind, const message::Header& header, const message::HeaderField& field) {
        if (++fields_ > kFieldsOfSet * kSetsMax) return;
        auto numbered =
            read_field(kind, header.text(field), field.value_offset - field.offset, header.raw_value(field));
        if (!numbered) {
            if (!unreadable_) unreadable_ = numbered.error();
            return;
        }
        highest_ = std::max(highest_, numbered->instance);
        if (numbered->instance > kSetsMax) return;
        std::optional<Field>& place = table_[numbered->instance - 1][kind];
        if (!place)
            place = std::move(numbered->field);
        else if (repeated_ == 0)
            repeated_ = numbered->instance;
    }

    Chain finish() && {
        Chain chain{.sets = {}, .highest = highest_, .flaw = find_flaw()};
        if (chain.flaw) return chain;
        for (unsigned instance = 1; instance <= highest_; ++instance) {
            Row& row = table_[instance - 1];
            chain.sets.push_back({.results = *std::move(row[kResults]),
                                  .message_signature = *std::move(row[kMessageSignature]),
                                  .seal = *std::move(row[kSeal])});
        }
        return chain;
    }

private:
    using Row = std::array<std::optional<Field>, kFieldsOfSet>;

    /// RFC 8617 §5.2
    std::optional<Flaw> find_flaw() const {
        // 1. Not more than the maximum.
        if (fields_ > kFieldsOfSet * kSetsMax || highest_ > kSetsMax)
            return Flaw{.reason = Reason::too_many_sets, .instance = 0, .fault = {}};
        // 2. Whether the newest set says that the chain has failed.
        if (highest_ != 0) {
            const std::optional<Field>& newest = table_[highest_ - 1][kSeal];
            if (newest && has_status(*newest, Status::fail))
                return Flaw{.reason = Reason::already_failed, .instance = highest_, .fault = {}};
        }
        // 3A. Exactly one of each field,
        if (unreadable_) return Flaw{.reason = Reason::field_unreadable, .instance = 0, .fault = *unreadable_};
        if (repeated_ != 0) return Flaw{.reason = Reason::field_repeated, .instance = repeated_, .fault = {}};
        for (unsigned instance = 1; instance <= highest_; ++instance) {
            const Row& row = table_[instance - 1];
            const auto there = std::ranges::count_if(row, [](const auto& field) { return field.has_value(); });
            // 3B. without a gap,
            if (there == 0) return Flaw{.reason = Reason::set_missing, .instance = instance, .fault = {}};
            if (there != kFieldsOfSet) return Flaw{.reason = Reason::field_missing, .instance = instance, .fault = {}};
            // 3C. and the status that belongs to the place.
            if (!has_status(*row[kSeal], instance == 1 ? Status::none : Status::pass))
                return Flaw{.reason = Reason::wrong_status, .instance = instance, .fault = {}};
        }
        return std::nullopt;
    }

    std::size_t fields_ = 0;
    unsigned highest_ = 0;
    unsigned repeated_ = 0;
    std::optional<dkim::Fault> unreadable_;
    std::array<Row, kSetsMax> table_;
};

} // namespace

Chain read_chain(const std::vector<const message::Header*>& headers) {
    std::optional<Collector> collector; // most letters need none, and it is large
    for (const message::Header* header : headers) {
        for (const message::HeaderField& field : header->fields()) {
            const auto kind = kind_of(header->name(field));
            if (!kind) continue;
            if (!collector) collector.emplace();
            collector->add(*kind, *header, field);
        }
    }
    return collector ? (*std::move(collector)).finish() : Chain{};
}

} // namespace tegami::arc
