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

bool Merge::feed(const store::Row& terms, const store::Row& postings) {
    State& state = states_[*wanted()];
    std::optional<TermPage> page = TermPage::decode(terms.key, terms.value);
    const auto lists = decode_postings_page(postings.key, postings.value);
    const std::string_view first = first_term_of(terms.key);
    if (!page || !lists || first != first_term_of(postings.key) || first != state.next_term) return false;
    state.page = std::move(page);
    state.terms = state.page->terms();
    state.postings = *lists;
    state.at = 0;
    state.next_term = state.page->next_term();
    return first.empty() || state.terms.front() == first;
}

bool Merge::end() {
    State& state = states_[*wanted()];
    state.ended = true;
    return state.next_term.empty();
}

/// Takes the postings of the source's present term.
bool Merge::take(State& state) {
    const std::string_view all = state.postings;
    const std::uint64_t offset = state.page->offset(state.at);
    if (offset > all.size() || state.page->length(state.at) > all.size() - offset) return false;
    const std::string_view octets = all.substr(offset, state.page->length(state.at));
    const std::optional<Postings> postings = Postings::decode(octets, state.source.emails);
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
        if (!gathered_.empty()) writer_->add(term, gathered_.encode());
    }
    return true;
}

} // namespace tegami::index
