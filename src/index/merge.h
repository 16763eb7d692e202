// Makes one dictionary of those of several neighbouring segments, page by page, so that memory is bounded whatever their
// size. Pure: whoever runs it reads the pages that it asks for.
#pragma once

#include "index/pages.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::index {

/// One segment that is joined.
struct MergeSource {
    std::uint32_t emails = 0; ///< its span
    std::uint32_t offset = 0; ///< of its first email in the new segment
};

class Merge {
public:
    /// In the order of their emails. `live` says which emails of the new segment are still there; others are left out.
    /// Both it and the writer, which has begun the dictionary, outlive this. Without `live` all are there.
    Merge(Dictionary dictionary, std::vector<MergeSource> sources, const EmailBits* live, PageWriter* writer);

    /// The source whose next page is wanted; nothing once all are at their end.
    std::optional<std::size_t> wanted() const;
    /// The next pages of the wanted source; an empty row if there are no postings. False if they are damaged or out of
    /// order.
    [[nodiscard]] bool feed(store::Row terms, store::Row postings);
    /// The wanted source has no more pages. False if there should be.
    [[nodiscard]] bool end();
    /// Merges as far as it can, about `steps_max` terms. False if something is damaged. Goes on if called again.
    [[nodiscard]] bool run(std::size_t steps_max);
    /// True if run() has to be called again before wanted() says more.
    bool running() const;

private:
    struct State {
        MergeSource source;
        store::Row term_page;
        store::Row postings_page;
        TermPage page;
        std::vector<std::string_view> terms; ///< of the page
        std::vector<PostingsPlace> places;   ///< of the terms
        std::string_view lists;              ///< their postings
        std::size_t at = 0;
        std::string next_term; ///< under which the next page must stand
        bool ended = false;
    };

    bool take(State& state);

    const Dictionary dictionary_;
    std::vector<State> states_;
    const EmailBits* const live_;
    PageWriter* const writer_;
    Postings gathered_;
};

} // namespace tegami::index
