#include "index/segment_builder.h"

#include <algorithm>

namespace tegami::index {

namespace {

/// What a term takes in memory beside its text, about.
constexpr std::size_t kTermMemoryBytes = 96;

} // namespace

void SegmentBuilder::begin_email(std::uint32_t email) {
    email_ = email;
    email_postings_ = 0;
    incomplete_ = false;
}

bool SegmentBuilder::add(std::string_view term, Field field) {
    if (incomplete_) return false;
    auto found = terms_.find(term);
    if (found == terms_.end()) {
        found = terms_.try_emplace(std::string(term)).first;
        memory_bytes_ += kTermMemoryBytes + term.size();
    }
    std::vector<Place>& places = found->second;
    if (places.empty() || places.back().email != email_) {
        places.push_back({email_, 0});
        memory_bytes_ += sizeof(Place);
    }
    FieldMask& fields = places.back().fields;
    if ((fields & mask_of(field)) != 0) return true;
    fields |= mask_of(field);
    if (++email_postings_ <= kEmailPostingsMax) return true;
    set_incomplete();
    return false;
}

void SegmentBuilder::set_incomplete() {
    if (incomplete_) return;
    email_postings_ = 0;
    add(kIncomplete, Field::body);
    incomplete_ = true;
}

void SegmentBuilder::write(PageWriter& writer) {
    std::vector<decltype(terms_)::const_pointer> sorted;
    sorted.reserve(terms_.size());
    for (const auto& term : terms_)
        sorted.push_back(&term);
    std::ranges::sort(sorted, {}, [](const auto* term) -> const std::string& { return term->first; });
    Postings postings;
    for (const Dictionary dictionary : kDictionaries) {
        writer.begin(dictionary);
        for (const auto* const term : sorted) {
            postings.clear();
            for (const Place& place : term->second)
                postings.add(place.email, place.fields & fields_of(dictionary));
            if (!postings.empty()) writer.add(term->first, postings);
        }
        writer.finish();
    }
    terms_.clear();
    memory_bytes_ = 0;
}

} // namespace tegami::index
