// A sorted set of small values in pages: whoever copies it shares all pages, and a change makes those anew that it touches.
//
// Two values are the same if neither is below the other: what is compared is the key, and the rest may differ.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace tegami::store {

/// `P`: how the values of a page are kept, if it is to know more of them than they say; made of the range of them.
template <class T, class P = std::vector<T>>
class SortedPages {
public:
    /// To be there, in place of the same one, or not to be there.
    struct Edit {
        T value;
        bool there;
    };

    /// The edits rise, each value once. To take away what is not there changes nothing.
    void apply(std::span<const Edit> edits) {
        if (edits.empty()) return;
        std::vector<PagePtr> pages;
        pages.reserve(pages_.size() + edits.size() / kPageValues + 2);
        for (std::size_t at = 0; at < pages_.size() || !edits.empty(); ++at) {
            const bool last = at + 1 >= pages_.size();
            const auto end = last ? edits.end() : std::ranges::find_if(edits, [&](const Edit& edit) {
                return !(edit.value < pages_[at + 1]->front());
            });
            const auto count = static_cast<std::size_t>(end - edits.begin());
            if (count == 0) {
                pages.push_back(std::move(pages_[at]));
                continue;
            }
            const Values merged = merge(at < pages_.size() ? *pages_[at] : Page(), edits.first(count));
            append(pages, merged, last);
            edits = edits.subspan(count);
        }
        pages_ = std::move(pages);
    }

    /// Calls `take` for the values from `first` on, until it answers false.
    template <class Take>
    void each_from(const T& first, Take take) const {
        auto page = std::ranges::upper_bound(pages_, first, std::less<>(),
                                             [](const PagePtr& each) -> const T& { return each->front(); });
        if (page != pages_.begin()) --page;
        if (page == pages_.end()) return;
        auto value = std::lower_bound((*page)->begin(), (*page)->end(), first);
        for (;;) {
            for (; value != (*page)->end(); ++value)
                if (!take(*value)) return;
            if (++page == pages_.end()) return;
            value = (*page)->begin();
        }
    }

    using Page = P;

    /// For a pass over everything; none is empty.
    const std::vector<std::shared_ptr<const Page>>& pages() const { return pages_; }

    bool empty() const { return pages_.empty(); }

    /// What it takes in memory, shared or not.
    std::size_t memory_bytes() const {
        std::size_t bytes = pages_.capacity() * sizeof(PagePtr);
        for (const PagePtr& page : pages_)
            bytes += page->capacity() * sizeof(T);
        return bytes;
    }

private:
    using PagePtr = std::shared_ptr<const Page>;
    using Values = std::vector<T>;

    static constexpr std::size_t kPageValues = 512;

    static Values merge(const Page& old, std::span<const Edit> edits) {
        Values merged;
        merged.reserve(old.size() + edits.size());
        auto value = old.begin();
        for (const Edit& edit : edits) {
            const auto same = std::lower_bound(value, old.end(), edit.value);
            merged.insert(merged.end(), value, same);
            value = same;
            if (value != old.end() && !(edit.value < *value)) ++value;
            if (edit.there) merged.push_back(edit.value);
        }
        merged.insert(merged.end(), value, old.end());
        return merged;
    }

    /// Behind the others: pieces of like size, but full ones at the end, where most sets grow. What is small joins its
    /// neighbour.
    static void append(std::vector<PagePtr>& pages, const Values& values, bool last) {
        if (values.empty()) return;
        if (!pages.empty() && pages.back()->size() + values.size() <= kPageValues / 2) {
            Values joined(pages.back()->begin(), pages.back()->end());
            joined.insert(joined.end(), values.begin(), values.end());
            pages.back() = std::make_shared<const Page>(joined.begin(), joined.end());
            return;
        }
        const std::size_t count = (values.size() + kPageValues - 1) / kPageValues;
        const std::size_t size = last ? kPageValues : (values.size() + count - 1) / count;
        for (std::size_t at = 0; at < values.size(); at += size) {
            const auto begin = values.begin() + static_cast<std::ptrdiff_t>(at);
            const auto end = values.begin() + static_cast<std::ptrdiff_t>(std::min(values.size(), at + size));
            pages.push_back(std::make_shared<const Page>(begin, end));
        }
    }

    std::vector<PagePtr> pages_;
};

} // namespace tegami::store
