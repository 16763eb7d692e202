// What an account's index consists of, and how far it has come: its record A (docs/formats/word_index.md).
#pragma once

#include "extraction/limits.h"
#include "index/pages.h"
#include "store/ids.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::index {

/// Pages about the emails with ids in [first, end).
struct Segment {
    SegmentId id;
    std::uint32_t first = 0;
    std::uint32_t end = 0;
    std::uint32_t emails = 0; ///< that were there when it was written
    std::uint64_t terms = 0;
    PageCounts pages{}; ///< of terms
    std::uint64_t bytes = 0;

    std::uint32_t span() const { return end - first; }

    /// Pages of terms in which a field of these may be.
    std::uint64_t pages_with(FieldMask fields) const;

    bool operator==(const Segment&) const = default;
};

/// What the words of a segment are of: what a message has to read itself, or the files attached to it, which come later.
enum class Layer : std::uint8_t { messages, attachments };
inline constexpr std::array kLayers{Layer::messages, Layer::attachments};

struct LayerState {
    /// The mark: every email with a lower id is in a segment, has nothing to be in one for, or is none.
    std::uint32_t next_email = 0;
    std::vector<Segment> segments; ///< in the order of their emails, without overlap

    bool operator==(const LayerState&) const = default;
};

struct IndexState {
    std::uint32_t terms_version = 0;
    store::Version account_version; ///< of which the newest emails were read
    SegmentId next_segment;
    LayerState messages;
    LayerState attachments;
    /// Those that were read of all emails below the mark of the attachments.
    extraction::Formats formats = 0;

    LayerState& of(Layer layer) { return layer == Layer::messages ? messages : attachments; }

    const LayerState& of(Layer layer) const { return layer == Layer::messages ? messages : attachments; }

    bool has(const Segment& segment) const;

    /// Without the texts of attachments.
    std::uint64_t bytes() const;

    bool operator==(const IndexState&) const = default;
};

store::Domain index_domain(store::AccountId account);

std::string state_key();
std::string encode_state(const IndexState& state);
std::optional<IndexState> decode_state(std::string_view value);

/// How many segments at the end should become one: 0 if none. Four of a kind are joined, a kind having four times the
/// emails of the one below, but never more than `emails_max`.
std::size_t segments_to_join(const LayerState& layer, std::uint32_t emails_max);

} // namespace tegami::index
