#include "index/merge.h"

#include <algorithm>
#include <utility>

namespace tegami::index {

Merge::Merge(Dictionary dictionary, std::vector<MergeSource> sources, const EmailBits* live, PageWriter* writer)
    : dictionary_(dictionary), states_(sources.size()), live_(live), writer_(writer) {
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

bool Merge::feed(store::Row terms, store::Row postings) {
    State& state = states_[*wanted()];
    state.term_page = std::move(terms);
    state.postings_page = std::move(postings);
    std::optional<TermPage> page = TermPage::decode(state.term_page.key, state.term_page.value);
    const std::string_view first = first_term_of(state.term_page.key);
    if (!page || first != state.next_term) return false;
    state.lists = {};
    if (!state.postings_page.key.empty()) {
        const auto lists = decode_postings_page(state.postings_page.key, state.postings_page.value);
        if (!lists || first_term_of(state.postings_page.key) != first) return false;
        state.lists = *lists;
    }
    auto places = page->all_places();
    if (!places) return false;
    state.places = *std::move(places);
    state.page = *std::move(page);
    state.terms = state.page.terms();
    state.at = 0;
    state.next_term = state.page.next_term();
    return first.empty() || (!state.terms.empty() && state.terms.front() == first);
}

bool Merge::end() {
    State& state = states_[*wanted()];
    state.ended = true;
    return state.next_term.empty();
}

/// Takes the postings of the source's present term.
bool Merge::take(State& state) {
    const auto octets = state.places[state.at].in(state.lists);
    if (!octets) return false;
    const EncodedPostings encoded{.dictionary = dictionary_, .octets = *octets};
    const std::optional<Postings> postings = Postings::decode(encoded, state.source.emails);
    if (!postings) return false;
    gathered_.append(*postings, state.source.offset, live_);
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
