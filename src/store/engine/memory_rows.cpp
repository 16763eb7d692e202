#include "store/engine/memory_rows.h"

#include <algorithm>

namespace tegami::store {

namespace {

bool holds(const KeyAssertion& assertion, const std::map<std::string, std::string>& rows) {
    const auto row = rows.find(assertion.key);
    if (!assertion.value) return row == rows.end();
    return row != rows.end() && row->second == *assertion.value;
}

} // namespace

const MemoryRows::DomainState& MemoryRows::find(Domain domain) const {
    static const DomainState never_written;
    const auto found = domains_.find(domain);
    return found == domains_.end() ? never_written : found->second;
}

StoreResult<> MemoryRows::check(const Batch& batch) const {
    if (batch.expected && *batch.expected != version(batch.domain)) return error(ErrorCode::conflict, "version");
    TRY_VOID(check_assertions(batch));
    return check_blobs(batch);
}

StoreResult<> MemoryRows::check_assertions(const Batch& batch) const {
    if (batch.assertions.empty()) return {};
    const auto& rows = find(batch.domain).rows;
    for (const KeyAssertion& assertion : batch.assertions)
        if (!holds(assertion, rows)) return error(ErrorCode::conflict, "key assertion");
    return {};
}

StoreResult<> MemoryRows::check_blobs(const Batch& batch) const {
    for (const Operation& operation : batch.operations)
        if (const auto* added = std::get_if<AddReference>(&operation); added && !has_blob(added->blob))
            return error(ErrorCode::not_found, "referenced blob");
    return {};
}

Version MemoryRows::apply(const Batch& batch) {
    DomainState& domain = domains_[batch.domain];
    for (const Operation& operation : batch.operations)
        apply(domain, operation);
    return domain.version = domain.version.next();
}

void MemoryRows::apply(DomainState& domain, const Operation& operation) {
    if (const auto* put = std::get_if<Put>(&operation)) {
        domain.rows.insert_or_assign(put->key, put->value);
        domain.damaged.erase(put->key);
    } else if (const auto* erased = std::get_if<Delete>(&operation)) {
        domain.rows.erase(erased->key);
        domain.damaged.erase(erased->key);
    } else if (const auto* range = std::get_if<DeleteRange>(&operation)) {
        if (!range->end.empty() && range->end <= range->begin) return;
        domain.rows.erase(domain.rows.lower_bound(range->begin),
                          range->end.empty() ? domain.rows.end() : domain.rows.lower_bound(range->end));
        std::erase_if(domain.damaged, [&](const std::string& key) { return !domain.rows.contains(key); });
    } else if (const auto* added = std::get_if<AddReference>(&operation)) {
        references_.at(added->blob).insert(added->tag);
    } else {
        const auto& removed = std::get<RemoveReference>(operation);
        if (const auto blob = references_.find(removed.blob); blob != references_.end())
            blob->second.erase(removed.tag);
    }
}

Version MemoryRows::version(Domain domain) const {
    return find(domain).version;
}

StoreResult<Page> MemoryRows::scan(Domain id, const Range& range, std::size_t rows_max) const {
    const DomainState& domain = find(id);
    Page page;
    page.version = domain.version;
    if (!range.end.empty() && range.end <= range.begin) return page;
    const auto first = domain.rows.lower_bound(range.begin);
    const auto last = range.end.empty() ? domain.rows.end() : domain.rows.lower_bound(range.end);
    StoreResult<> readable;
    const auto take = [&](auto from, auto to) {
        for (; from != to && page.rows.size() < rows_max; ++from) {
            if (!domain.damaged.contains(from->first))
                page.rows.push_back({from->first, from->second});
            else if (range.around_damage)
                page.damaged.push_back({from->first, from->first + '\0'});
            else
                readable = error(ErrorCode::damaged, "a row");
        }
        page.more = from != to;
    };
    if (range.reverse)
        take(std::make_reverse_iterator(last), std::make_reverse_iterator(first));
    else
        take(first, last);
    TRY_VOID(readable);
    return page;
}

StoreResult<std::optional<std::string>> MemoryRows::get(Domain id, const std::string& key) const {
    const DomainState& domain = find(id);
    const auto row = domain.rows.find(key);
    if (row == domain.rows.end()) return std::nullopt;
    if (domain.damaged.contains(key)) return error(ErrorCode::damaged, "a row");
    return row->second;
}

std::vector<Domain> MemoryRows::domains(DomainKind kind, std::uint64_t after, std::size_t count_max) const {
    std::vector<Domain> found;
    for (auto at = domains_.upper_bound(Domain{kind, after});
         at != domains_.end() && at->first.kind == kind && found.size() < count_max; ++at)
        found.push_back(at->first);
    return found;
}

std::map<Domain, Version> MemoryRows::versions() const {
    std::map<Domain, Version> versions;
    for (const auto& [id, domain] : domains_)
        versions.emplace(id, domain.version);
    return versions;
}

std::uint64_t MemoryRows::row_count() const {
    std::uint64_t count = 0;
    for (const auto& [id, domain] : domains_)
        count += domain.rows.size();
    return count;
}

void MemoryRows::damage_row(Domain domain, std::string key) {
    domains_[domain].damaged.insert(std::move(key));
}

void MemoryRows::add_blob(BlobId blob) {
    references_.try_emplace(blob);
}

void MemoryRows::remove_blob(BlobId blob) {
    references_.erase(blob);
}

bool MemoryRows::has_blob(BlobId blob) const {
    return references_.contains(blob);
}

bool MemoryRows::is_referenced(BlobId blob) const {
    const auto found = references_.find(blob);
    return found != references_.end() && !found->second.empty();
}

std::vector<BlobId> MemoryRows::unreferenced() const {
    std::vector<BlobId> found;
    for (const auto& [blob, tags] : references_)
        if (tags.empty()) found.push_back(blob);
    return found;
}

} // namespace tegami::store
