// All that the command line prints, and the only file that does (tools/tidy): whatever text of strangers is in a line, it
// cannot end the line, steer the terminal or hide (base/visible.h).
#pragma once

#include "admin/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::app {

/// One line to standard output.
void print_line(std::string_view text);

/// Whoever reads standard output has now what was printed: for what goes on for long.
void flush_output();

/// An empty line to standard output.
void print_gap();

/// From now on all but print_json() goes to standard error.
void leave_output_to_json();

/// One line to standard output.
void print_json(const json::value& value);

/// One line `tegami: …` to standard error. Returns the status.
int complain(int status, std::string_view message);

/// Whether somebody sees show_passing_line().
bool has_terminal();

/// A line on the terminal (standard error) in place of the one shown before; an empty text takes it away. Nothing without a
/// terminal.
void show_passing_line(std::string_view text);

/// How many columns of a terminal a text takes: those of East Asia are two wide.
std::size_t columns_of(std::string_view text);

/// Rows as columns, each as wide as its widest text.
void print_table(const std::vector<std::vector<std::string>>& rows);

/// Text of others, not longer than some 60 characters.
std::string shortened(std::string_view text);

} // namespace tegami::app
