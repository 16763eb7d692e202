#include "app/command_line/qr_code.h"

#include <qrcodegen/qrcodegen.hpp>

namespace tegami::app {

namespace {

/// Light all around, so that a camera finds the code (ISO/IEC 18004 §6.3.8).
constexpr int kQuietModules = 4;

} // namespace

std::vector<std::string> qr_lines(std::string_view text) {
    std::vector<std::string> lines;
    try {
        const auto code = qrcodegen::QrCode::encodeText(std::string(text).c_str(), qrcodegen::QrCode::Ecc::LOW);
        const int end = code.getSize() + kQuietModules;
        for (int y = -kQuietModules; y < end; y += 2) {
            std::string& line = lines.emplace_back();
            for (int x = -kQuietModules; x < end; ++x) {
                // What is outside of the code is light.
                const bool upper = !code.getModule(x, y);
                const bool lower = y + 1 < end && !code.getModule(x, y + 1);
                line += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
            }
        }
    } catch (const qrcodegen::data_too_long&) {
        lines.clear();
    }
    return lines;
}

} // namespace tegami::app
