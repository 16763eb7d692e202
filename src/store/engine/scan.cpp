#include "store/engine/scan.h"

#include "base/assert.h"

namespace tegami::store {

Scan::Scan(Engine* engine, Domain domain, Range range, std::optional<Version> at)
    : engine_(engine), domain_(domain), range_(std::move(range)), at_(at),
      more_(range_.end.empty() || range_.begin < range_.end) {}

async::Awaitable<StoreResult<Page>> Scan::next() {
    ASSERT(more_);
    StoreResult<Page> page = co_await engine_->scan(domain_, range_);
    if (!page) co_return page;
    if (at_ && page->version != *at_)
        co_return failure(Error{ErrorCode::conflict, "the domain changed while it was read"});
    more_ = page->more && !page->rows.empty();
    if (more_) (range_.reverse ? range_.end : range_.begin) = page->rows.back().key;
    if (more_ && !range_.reverse) range_.begin.push_back('\0');
    co_return page;
}

void Scan::skip_to(std::string key) {
    ASSERT(!range_.reverse);
    more_ = range_.end.empty() || key < range_.end;
    range_.begin = std::move(key);
}

} // namespace tegami::store
