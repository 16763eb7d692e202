#include "index/merge.h"

#include <algorithm>
#include <utility>

namespace tegami::index {

Merge::Merge(std::vector<MergeSource> sources, std::optional<EmailBits> live, PageWriter* writer)
    : states_(sources.size()), live_(std::move(live)), writer_(writer) {
    for (std::size_t at = 0; at < sources.size(); ++at)
        states_[at].source = sources[at];
}

std::optional<std::size_t> Merge::wanted() const {
    for (std::size_t at = 0; at < states_.size(); ++at)
        if (!states_[at].ended && states_[at].at == states_[at].terms.size()) return at;
    return std::nullopt;
}

bool Merge::running() const {
    return !wanted() && std::ranges::any_of(states_, [](const State& state) { return !state.ended; });
}

bool Merge::feed(store::Row terms, store::Row header, store::Row body) {
    State& state = states_[*wanted()];
    state.term_page = std::move(terms);
    state.header_page = std::move(header);
    state.body_page = std::move(body);
    const std::optional<TermPage> page = TermPage::decode(state.term_page.key, state.term_page.value);
    const std::string_view first = first_term_of(state.term_page.key);
    if (!page || first != state.next_term) return false;
    for (const auto& [row, lists] :
         {std::pair(&state.header_page, &state.header), std::pair(&state.body_page, &state.body)}) {
        *lists = {};
        if (row->key.empty()) continue;
        const auto decoded = decode_postings_page(row->key, row->value);
        if (!decoded || first_term_of(row->key) != first) return false;
        *lists = *decoded;
    }
    auto places = page->all_places();
    if (!places) return false;
    state.places = *std::move(places);
    state.terms = page->terms();
    state.at = 0;
    state.next_term = page->next_term();
    return first.empty() || state.terms.front() == first;
}

bool Merge::end() {
    State& state = states_[*wanted()];
    state.ended = true;
    return state.next_term.empty();
}

/// Takes the postings of the source's present term.
bool Merge::take(State& state) {
    const auto octets = state.places[state.at].in(state.header, state.body, kAllFields);
    if (!octets) return false;
    const std::optional<Postings> postings = Postings::decode(*octets, state.source.emails);
    if (!postings) return false;
    gathered_.append(*postings, state.source.offset, live_ ? &*live_ : nullptr);
    const std::string_view taken = state.terms[state.at];
    ++state.at;
    return state.at == state.terms.size() || taken < state.terms[state.at];
}

bool Merge::run(std::size_t steps_max) {
    for (; steps_max > 0 && running(); --steps_max) {
        std::string_view least;
        for (const State& state : states_)
            if (!state.ended && (least.empty() || state.terms[state.at] < least)) least = state.terms[state.at];
        const std::string term(least);
        gathered_.clear();
        for (State& state : states_)
            if (!state.ended && state.terms[state.at] == term && !take(state)) return false;
        if (!gathered_.empty()) writer_->add(term, gathered_);
    }
    return true;
}

} // namespace tegami::index
