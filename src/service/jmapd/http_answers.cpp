#include "service/jmapd/http_answers.h"

#include <array>

namespace tegami::jmapd {

namespace {

constexpr std::string_view kLaterSeconds = "30";

net::HttpResponse problem_response(unsigned status, const json::object& details) {
    net::HttpResponse response;
    response.status = status;
    response.fields.add("Content-Type", "application/problem+json");
    response.body = write_json(details);
    return response;
}

} // namespace

net::HttpResponse json_response(unsigned status, const json::value& value) {
    net::HttpResponse response;
    response.status = status;
    response.fields.add("Content-Type", "application/json");
    response.body = write_json(value);
    return response;
}

net::HttpResponse problem(unsigned status, std::string_view detail) {
    return problem_response(status, {{"type", "about:blank"}, {"status", status}, {"detail", detail}});
}

net::HttpResponse try_later(unsigned status, std::string_view detail) {
    net::HttpResponse response = problem(status, detail);
    response.fields.add("Retry-After", std::string(kLaterSeconds));
    return response;
}

net::HttpResponse problem(const jmap::RequestFault& fault, unsigned status) {
    json::object details = jmap::problem_details(fault);
    details["status"] = status;
    return problem_response(status, details);
}

net::HttpResponse over_limit(std::string_view limit, std::string_view detail, unsigned status) {
    return problem(
        {.kind = jmap::RequestFault::Kind::limit, .detail = std::string(detail), .limit = std::string(limit)}, status);
}

net::HttpResponse store_problem(Log& log, const store::Error& error) {
    log_failure(log, error);
    switch (error.code) {
    case store::ErrorCode::not_found: return problem(404, "not found");
    case store::ErrorCode::no_space: return try_later(507, "the server has no room left");
    case store::ErrorCode::damaged: return problem(500, "this cannot be read from the disk");
    default: return try_later(503, "the store cannot answer now");
    }
}

void log_failure(Log& log, const store::Error& error) {
    const auto write = [&](LogLevel level, std::string_view event) {
        const std::array fields{LogField("service", "jmap"), LogField("detail", error.detail)};
        log.write(level, event, fields);
    };
    switch (error.code) {
    case store::ErrorCode::no_space: return write(LogLevel::error, "store has no space");
    case store::ErrorCode::damaged: return write(LogLevel::error, "store is damaged");
    case store::ErrorCode::unknown: return write(LogLevel::error, "a commit was not answered");
    case store::ErrorCode::conflict:
    case store::ErrorCode::unavailable: return write(LogLevel::warning, "store is unavailable");
    default: return;
    }
}

} // namespace tegami::jmapd
