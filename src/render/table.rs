//! Plain columns that fit a width: no borders, two blanks between columns, cells made harmless.
//!
//! Knows nothing of what it shows.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table as Grid, presets};

use super::sanitize::sanitize_line;

/// A table in the making.
pub struct Table {
    grid: Grid,
}

impl Table {
    /// Makes a table with these column titles.
    #[must_use]
    pub fn new(titles: &[&str]) -> Self {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).force_no_tty();
        grid.set_header(titles.iter().map(|title| Cell::new(sanitize_line(title))));
        grid.column_iter_mut().for_each(|column| _ = column.set_padding((0, 2)));
        Self { grid }
    }

    /// Aligns column `index` (counted from 0) to the right, for numbers.
    #[must_use]
    pub fn right(mut self, index: usize) -> Self {
        if let Some(column) = self.grid.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        self
    }

    /// Adds a row; it should have a cell for each title.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.grid.add_row(cells.into_iter().map(|cell| Cell::new(sanitize_line(cell.as_ref()))));
    }

    /// Whether it has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.grid.is_empty()
    }

    /// The finished text, each line ended by a newline; cells wrap to keep within `width` columns, if given.
    #[must_use]
    pub fn render(&mut self, width: Option<u16>) -> String {
        match width {
            Some(width) => {
                // The last column's padding is cut with the other trailing blanks.
                self.grid.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.saturating_add(2));
            }
            None => _ = self.grid.set_content_arrangement(ContentArrangement::Disabled),
        }
        let mut text = String::new();
        for line in self.grid.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(&["RUN", "HOSTS", "COMMAND"]).right(1);
        table.row(["0199", "8", "uptime"]);
        table.row(["0200", "1200", "sh -c 'for i in 1 2 3; do echo $i; done' \x1b[2J"]);
        table
    }

    #[test]
    fn columns_are_aligned_and_control_characters_shown() {
        assert_snapshot!(sample().render(None), @r"
        RUN   HOSTS  COMMAND
        0199      8  uptime
        0200   1200  sh -c 'for i in 1 2 3; do echo $i; done' \x1b[2J
        ");
    }

    #[test]
    fn no_line_exceeds_the_width() {
        let text = sample().render(Some(40));
        assert!(text.lines().all(|line| line.len() <= 40), "{text}");
        assert!(text.lines().count() > 3);
        assert!(!sample().render(Some(1)).is_empty());
    }
}
