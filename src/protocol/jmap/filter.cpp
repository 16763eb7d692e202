#include "protocol/jmap/filter.h"

namespace tegami::jmap {

namespace {

class Parser {
public:
    Result<Filter, Fault> parse(const json::value& value, std::size_t depth = 0) {
        if (++parts_ > kFilterPartsMax || depth > kFilterDepthMax)
            return failure(Fault{.type = "unsupportedFilter", .description = "the filter has too many parts"});
        const json::object* const object = value.if_object();
        if (object == nullptr) return failure(invalid_arguments({"filter"}, "a filter is an object"));
        const json::value* const named = object->if_contains("operator");
        if (named == nullptr) return Filter{object};
        const auto how = operator_of(*named);
        const json::value* const conditions = object->if_contains("conditions");
        if (!how || conditions == nullptr || !conditions->is_array() || object->size() != 2)
            return failure(invalid_arguments({"filter"}, "an operator is AND, OR or NOT, with conditions"));
        Filter::Group group{.how = *how, .parts = {}};
        for (const json::value& one : conditions->get_array()) {
            TRY(Filter part, parse(one, depth + 1));
            group.parts.push_back(std::move(part));
        }
        return Filter{std::move(group)};
    }

private:
    static std::optional<Filter::Operator> operator_of(const json::value& value) {
        if (value == "AND") return Filter::Operator::all;
        if (value == "OR") return Filter::Operator::any;
        if (value == "NOT") return Filter::Operator::none;
        return std::nullopt;
    }

    std::size_t parts_ = 0;
};

} // namespace

Result<Filter, Fault> parse_filter(const json::value& value) {
    return Parser().parse(value);
}

} // namespace tegami::jmap
