#include "net/http.h"

#include "base/ascii.h"

namespace tegami::net {

std::optional<std::string_view> HttpFields::find(std::string_view name) const {
    for (const HttpField& field : fields_)
        if (ascii::iequals(field.name, name)) return field.value;
    return std::nullopt;
}

std::vector<std::string_view> HttpFields::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const HttpField& field : fields_)
        if (ascii::iequals(field.name, name)) values.emplace_back(field.value);
    return values;
}

async::Awaitable<Result<std::string, HttpFault>> read_whole(BodySource* body, std::size_t bytes_max) {
    std::string whole;
    for (;;) {
        const auto piece = co_await body->read();
        if (!piece) co_return failure(piece.error());
        if (piece->empty()) co_return whole;
        if (piece->size() > bytes_max - whole.size()) co_return failure(HttpFault{413, "the body is too large"});
        whole += *piece;
    }
}

} // namespace tegami::net
