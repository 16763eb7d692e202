#include "protocol/jmap/sort.h"

namespace tegami::jmap {

namespace {

std::unexpected<Fault> bad_sort() {
    return failure(invalid_arguments({"sort"}, "a sort is a list of comparators, each with a property"));
}

} // namespace

Result<std::vector<Comparator>, Fault> parse_sort(const json::value* value) {
    std::vector<Comparator> comparators;
    if (value == nullptr || value->is_null()) return comparators;
    if (!value->is_array()) return bad_sort();
    if (value->get_array().size() > kComparatorsMax)
        return failure(Fault{.type = "unsupportedSort", .description = "there are too many comparators"});
    for (const json::value& one : value->get_array()) {
        const json::object* const object = one.if_object();
        const json::value* const property = object == nullptr ? nullptr : object->if_contains("property");
        if (property == nullptr || !property->is_string()) return bad_sort();
        Comparator comparator{.property = std::string(property->get_string()), .collation = {}, .more = object};
        if (const json::value* const ascending = object->if_contains("isAscending")) {
            if (!ascending->is_bool()) return bad_sort();
            comparator.ascending = ascending->get_bool();
        }
        if (const json::value* const collation = object->if_contains("collation"); collation && !collation->is_null()) {
            if (!collation->is_string()) return bad_sort();
            comparator.collation = std::string(collation->get_string());
        }
        comparators.push_back(std::move(comparator));
    }
    return comparators;
}

} // namespace tegami::jmap
