#include "trust/dkim/body_hash.h"

#include "base/assert.h"

#include <algorithm>
#include <utility>

namespace tegami::dkim {

BodyHasher::BodyHasher(const std::vector<BodyScope>& scopes) {
    for (const BodyScope& scope : scopes) {
        std::optional<Form>& form = forms_[static_cast<std::size_t>(scope.form)];
        if (!form) form.emplace(scope.form);
        if (scope.length) form->marks.push_back({.length = *scope.length, .digest = {}});
    }
    for (std::optional<Form>& form : forms_) {
        if (!form) continue;
        std::ranges::sort(form->marks, {}, &Mark::length);
        const auto repeated = std::ranges::unique(form->marks, {}, &Mark::length);
        form->marks.erase(repeated.begin(), repeated.end());
        form->take({});
    }
}

void BodyHasher::Form::take(std::string_view octets) {
    while (passed < marks.size() && marks[passed].length - size <= octets.size()) {
        const std::uint64_t until = marks[passed].length - size;
        hash.update(octets.substr(0, until));
        octets.remove_prefix(until);
        size += until;
        marks[passed++].digest = hash.digest();
    }
    hash.update(octets);
    size += octets.size();
}

void BodyHasher::feed(std::string_view octets) {
    for (std::optional<Form>& form : forms_)
        if (form) form->canonical.feed(octets, [&](std::string_view canonical) { form->take(canonical); });
}

void BodyHasher::finish() {
    for (std::optional<Form>& form : forms_) {
        if (!form) continue;
        form->canonical.finish([&](std::string_view canonical) { form->take(canonical); });
        form->whole = std::move(form->hash).digest();
    }
}

BodyHash BodyHasher::find(const BodyScope& scope) const {
    const std::optional<Form>& form = forms_[static_cast<std::size_t>(scope.form)];
    ASSERT(form);
    if (!scope.length) return {.digest = form->whole};
    const auto mark = std::ranges::find(form->marks, *scope.length, &Mark::length);
    ASSERT(mark != form->marks.end());
    if (mark->digest.empty()) return {};
    return {.digest = mark->digest, .left_out = form->size - mark->length};
}

} // namespace tegami::dkim
