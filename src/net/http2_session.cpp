#include "net/http2_session.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "net/http_codec.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

namespace tegami::net {

namespace {

/// RFC 9113 §6.5.2: what a field counts beside its name and value.
constexpr std::size_t kHeaderFieldBytes = 32;

/// Of the connection: what a stream of any window may use.
constexpr std::int32_t kConnectionWindowBytes = kWideWindowBytes;

/// Fields that are about one connection of HTTP/1.1 (RFC 9113 §8.2.2).
constexpr std::array<std::string_view, 5> kConnectionFields{"connection", "keep-alive", "proxy-connection",
                                                            "transfer-encoding", "upgrade"};

std::string_view octets_of(const std::uint8_t* octets, std::size_t size) {
    return {reinterpret_cast<const char*>(octets), size};
}

/// Octets that outlive the call; nghttp2 takes them without const, and copies them.
nghttp2_nv header_field(const std::string& name, const std::string& value) {
    return {.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
            .value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())),
            .namelen = name.size(),
            .valuelen = value.size(),
            .flags = NGHTTP2_NV_FLAG_NONE};
}

std::uint32_t error_code_of(Http2Reset reason) {
    switch (reason) {
    case Http2Reset::done: return NGHTTP2_NO_ERROR;
    case Http2Reset::refused: return NGHTTP2_REFUSED_STREAM;
    case Http2Reset::failed: return NGHTTP2_INTERNAL_ERROR;
    case Http2Reset::too_slow: break;
    }
    return NGHTTP2_CANCEL;
}

/// What is known of one stream.
struct Http2Stream {
    // The request, as its fields come.
    HttpRequest request;
    std::string authority;
    std::string cookie;
    std::size_t header_bytes = 0;

    // The body of the response, as far as it was given.
    std::string out;
    std::size_t out_taken = 0;
    bool out_ended = false;

    bool is_answered = false; ///< the end of the response is in the output
    bool is_unwanted = false; ///< the rest of the request
};

/// RFC 9113 §8.3.1: the authority is the host; a field that says something else makes the request malformed.
std::optional<HttpFault> complete_fields(Http2Stream& stream) {
    HttpFields& fields = stream.request.fields;
    if (!stream.cookie.empty()) fields.add("Cookie", std::move(stream.cookie));
    if (stream.authority.empty()) return std::nullopt;
    const auto host = fields.find("Host");
    if (host && !ascii::iequals(*host, stream.authority)) return HttpFault{400, "two hosts are named"};
    if (!host) fields.add("Host", std::move(stream.authority));
    return std::nullopt;
}

void take_field(Http2Stream& stream, std::string_view name, std::string_view value) {
    if (name == ":method")
        stream.request.method = value;
    else if (name == ":path")
        stream.request.target = value;
    else if (name == ":authority")
        stream.authority = value;
    else if (name == "cookie") // RFC 9113 §8.2.3: in pieces
        stream.cookie.append(stream.cookie.empty() ? "" : "; ").append(value);
    else if (!name.starts_with(':'))
        stream.request.fields.add(std::string(name), std::string(value));
}

} // namespace

struct Http2Session::State {
    nghttp2_session* session = nullptr;
    std::size_t header_bytes_max = 0;
    std::map<Http2StreamId, Http2Stream> streams{};
    std::vector<Http2Event> events{};
    bool amid_header = false;
    std::int64_t nuisances = 0; ///< thousandths
    std::optional<Instant> counted_until{};

    Http2Stream* find(Http2StreamId id) {
        const auto found = streams.find(id);
        return found == streams.end() ? nullptr : &found->second;
    }

    /// Of a client that floods us nothing more is listened to, however its octets are cut.
    void add(Http2Event event) {
        if (!is_flooded()) events.push_back(std::move(event));
    }

    void count_nuisance() { nuisances += 1000; }

    bool is_flooded() const { return nuisances > kNuisances * 1000; }

    void forget_nuisances(Instant now) {
        const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - counted_until.value_or(now));
        nuisances = std::max<std::int64_t>(0, nuisances - since.count() * kNuisancesPerSecond);
        counted_until = now;
    }
};

/// What nghttp2 calls. Nothing here throws but for want of memory, which ends the process.
struct Http2Session::Callbacks {
    static State& state_of(void* state) { return *static_cast<State*>(state); }

    static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
        State& state = state_of(user);
        state.amid_header = true;
        if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) state.streams.try_emplace(frame->hd.stream_id);
        return 0;
    }

    static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                      const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) noexcept {
        State& state = state_of(user);
        Http2Stream* const stream = state.find(frame->hd.stream_id);
        // What follows a body (trailers) nobody asks for.
        if (stream == nullptr || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
        stream->header_bytes += name_size + value_size + kHeaderFieldBytes;
        if (stream->header_bytes <= state.header_bytes_max)
            take_field(*stream, octets_of(name, name_size), octets_of(value, value_size));
        return 0;
    }

    static int frame(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
        State& state = state_of(user);
        const Http2StreamId id = frame->hd.stream_id;
        const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        switch (frame->hd.type) {
        case NGHTTP2_HEADERS:
            state.amid_header = false;
            if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
                finish_header(state, id, !ends);
            else if (ends)
                state.add(Http2BodyEnd{id});
            break;
        case NGHTTP2_DATA:
            if (ends)
                state.add(Http2BodyEnd{id});
            else if (frame->hd.length == 0)
                state.count_nuisance();
            break;
        case NGHTTP2_RST_STREAM:
        case NGHTTP2_SETTINGS:
        case NGHTTP2_PING:
        case NGHTTP2_PRIORITY_UPDATE: state.count_nuisance(); break;
        default: break;
        }
        return 0;
    }

    static void finish_header(State& state, Http2StreamId id, bool has_body) {
        Http2Stream* const stream = state.find(id);
        if (stream == nullptr) return;
        Http2Request event{.stream = id, .request = {}, .has_body = has_body, .fault = complete_fields(*stream)};
        if (stream->header_bytes > state.header_bytes_max) event.fault = HttpFault{431, "the header is too large"};
        event.request = std::move(stream->request);
        state.add(std::move(event));
    }

    static int invalid_frame(nghttp2_session*, const nghttp2_frame*, int, void* user) noexcept {
        State& state = state_of(user);
        state.amid_header = false;
        state.count_nuisance();
        return 0;
    }

    static int data(nghttp2_session* session, std::uint8_t, Http2StreamId id, const std::uint8_t* octets,
                    std::size_t size, void* user) noexcept {
        State& state = state_of(user);
        // The connection's window stays open: that of a stream whose request nobody reads must not hold back others.
        nghttp2_session_consume_connection(session, size);
        auto* const last = state.events.empty() ? nullptr : std::get_if<Http2Body>(&state.events.back());
        if (last != nullptr && last->stream == id)
            last->octets += octets_of(octets, size);
        else
            state.add(Http2Body{id, std::string(octets_of(octets, size))});
        return 0;
    }

    /// A reset would overtake the response that it follows.
    static int sent(nghttp2_session* session, const nghttp2_frame* frame, void* user) noexcept {
        const bool is_end = (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
                            (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        Http2Stream* const stream = is_end ? state_of(user).find(frame->hd.stream_id) : nullptr;
        if (stream == nullptr) return 0;
        stream->is_answered = true;
        if (stream->is_unwanted)
            nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
        return 0;
    }

    static int closed(nghttp2_session*, Http2StreamId id, std::uint32_t, void* user) noexcept {
        State& state = state_of(user);
        if (state.streams.erase(id) != 0) state.add(Http2Closed{id});
        return 0;
    }

    static ssize_t give_data(nghttp2_session*, Http2StreamId id, std::uint8_t* into, std::size_t bytes_max,
                             std::uint32_t* flags, nghttp2_data_source*, void* user) noexcept {
        State& state = state_of(user);
        Http2Stream* const stream = state.find(id);
        if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        const std::size_t size = stream->out.copy(reinterpret_cast<char*>(into), bytes_max, stream->out_taken);
        stream->out_taken += size;
        const bool all = stream->out_taken == stream->out.size();
        if (all && size == 0 && !stream->out_ended) return NGHTTP2_ERR_DEFERRED;
        if (all) {
            stream->out.clear();
            stream->out.shrink_to_fit();
            stream->out_taken = 0;
            state.add(Http2Taken{id});
        }
        if (all && stream->out_ended) *flags |= NGHTTP2_DATA_FLAG_EOF;
        return static_cast<ssize_t>(size);
    }
};

Http2Session::Http2Session(std::size_t header_bytes_max) : state_(std::make_unique<State>()) {
    state_->header_bytes_max = header_bytes_max;
    nghttp2_session_callbacks* callbacks = nullptr;
    ASSERT(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Callbacks::begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, Callbacks::invalid_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::data);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, Callbacks::sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::closed);
    nghttp2_option* option = nullptr;
    ASSERT(nghttp2_option_new(&option) == 0);
    nghttp2_option_set_no_auto_window_update(option, 1);
    // Ours is one with that of other nuisances, and knows no clock.
    nghttp2_option_set_stream_reset_rate_limit(option, std::numeric_limits<std::int64_t>::max(), 1);
    nghttp2_option_set_builtin_recv_extension_type(option, NGHTTP2_PRIORITY_UPDATE);
    ASSERT(nghttp2_session_server_new2(&state_->session, callbacks, state_.get(), option) == 0);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    const std::array settings{
        nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kStreamsMax},
        nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(header_bytes_max)},
        nghttp2_settings_entry{NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    nghttp2_submit_settings(state_->session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(state_->session, NGHTTP2_FLAG_NONE, 0, kConnectionWindowBytes);
}

Http2Session::~Http2Session() {
    nghttp2_session_del(state_->session);
}

Result<void, std::string> Http2Session::feed(std::string_view octets, Instant now) {
    state_->forget_nuisances(now);
    const ssize_t taken =
        nghttp2_session_mem_recv(state_->session, reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size());
    if (taken < 0) return failure(std::string(nghttp2_strerror(static_cast<int>(taken))));
    if (state_->is_flooded()) {
        nghttp2_session_terminate_session(state_->session, NGHTTP2_ENHANCE_YOUR_CALM);
        return failure(std::string("too many frames that only make work"));
    }
    if (nghttp2_session_want_read(state_->session) == 0) return failure(std::string("the connection is to end"));
    return {};
}

std::string Http2Session::take_output(std::size_t bytes_max) {
    std::string output;
    while (output.size() < bytes_max) {
        const std::uint8_t* octets = nullptr;
        const ssize_t size = nghttp2_session_mem_send(state_->session, &octets);
        if (size <= 0) break;
        output += octets_of(octets, static_cast<std::size_t>(size));
    }
    return output;
}

std::vector<Http2Event> Http2Session::take_events() {
    return std::exchange(state_->events, {});
}

void Http2Session::respond(Http2StreamId id, const HttpResponse& response, std::optional<std::uint64_t> length,
                           bool with_body) {
    if (state_->find(id) == nullptr) return;
    // First all texts, then what points to them.
    std::vector<HttpField> texts{{":status", std::to_string(response.status)}};
    for (const auto& [name, value] : response.fields) {
        std::string lower = ascii::lower(name);
        if (std::ranges::find(kConnectionFields, lower) == kConnectionFields.end())
            texts.push_back({std::move(lower), one_line(value)});
    }
    if (length) texts.push_back({"content-length", std::to_string(*length)});
    std::vector<nghttp2_nv> fields;
    fields.reserve(texts.size());
    for (const auto& [name, value] : texts)
        fields.push_back(header_field(name, value));
    const nghttp2_data_provider body{.source = {.ptr = nullptr}, .read_callback = Callbacks::give_data};
    nghttp2_submit_response(state_->session, id, fields.data(), fields.size(), with_body ? &body : nullptr);
}

void Http2Session::give(Http2StreamId id, std::string piece) {
    Http2Stream* const stream = state_->find(id);
    if (stream == nullptr) return;
    ASSERT(stream->out.empty());
    stream->out = std::move(piece);
    nghttp2_session_resume_data(state_->session, id);
}

void Http2Session::end_body(Http2StreamId id) {
    Http2Stream* const stream = state_->find(id);
    if (stream == nullptr) return;
    stream->out_ended = true;
    nghttp2_session_resume_data(state_->session, id);
}

void Http2Session::reset(Http2StreamId id, Http2Reset reason) {
    Http2Stream* const stream = state_->find(id);
    if (stream == nullptr) return;
    if (reason == Http2Reset::refused) state_->count_nuisance();
    stream->is_unwanted = reason == Http2Reset::done;
    if (stream->is_unwanted && !stream->is_answered) return;
    nghttp2_submit_rst_stream(state_->session, NGHTTP2_FLAG_NONE, id, error_code_of(reason));
}

void Http2Session::say_continue(Http2StreamId id) {
    if (state_->find(id) == nullptr) return;
    const std::string name = ":status";
    const std::string value = "100";
    const nghttp2_nv status = header_field(name, value);
    nghttp2_submit_headers(state_->session, NGHTTP2_FLAG_NONE, id, nullptr, &status, 1, nullptr);
}

void Http2Session::consumed(Http2StreamId id, std::size_t bytes) {
    if (state_->find(id) != nullptr) nghttp2_session_consume_stream(state_->session, id, bytes);
}

void Http2Session::widen(Http2StreamId id) {
    if (state_->find(id) != nullptr)
        nghttp2_session_set_local_window_size(state_->session, NGHTTP2_FLAG_NONE, id, kWideWindowBytes);
}

bool Http2Session::is_held_back(Http2StreamId id) const {
    return nghttp2_session_get_remote_window_size(state_->session) <= 0 ||
           nghttp2_session_get_stream_remote_window_size(state_->session, id) <= 0;
}

bool Http2Session::is_amid_header() const {
    return state_->amid_header;
}

void Http2Session::go_away() {
    nghttp2_session_terminate_session(state_->session, NGHTTP2_NO_ERROR);
}

} // namespace tegami::net
