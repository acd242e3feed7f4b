use std::fmt;

#[derive(Clone, PartialEq, Debug)]
pub struct Board {
    cells: Vec<Vec<bool>>,
}

impl Board {
    pub fn parse(text: &str) -> Result<Board, String> {
        let mut cells = Vec::new();
        for (i, line) in text.lines().enumerate() {
            let row: Result<Vec<bool>, String> = line
                .chars()
                .map(|c| match c {
                    '#' => Ok(true),
                    '.' => Ok(false),
                    _ => Err(format!("line {}: unexpected {c:?}", i + 1)),
                })
                .collect();
            cells.push(row?);
        }
        let width = cells.first().map_or(0, Vec::len);
        if width == 0 || cells.iter().any(|r| r.len() != width) {
            return Err("rows must be of one length".into());
        }
        Ok(Board { cells })
    }

    pub fn next(&self) -> Board {
        let (h, w) = (self.cells.len(), self.cells[0].len());
        let around = |y: usize, x: usize| {
            (0..9)
                .filter(|k| *k != 4 && self.cells[(y + h + k / 3 - 1) % h][(x + w + k % 3 - 1) % w])
                .count()
        };
        let cells = (0..h)
            .map(|y| (0..w).map(|x| matches!((self.cells[y][x], around(y, x)), (_, 3) | (true, 2))).collect())
            .collect();
        Board { cells }
    }

    pub fn alive(&self) -> usize {
        self.cells.iter().flatten().filter(|c| **c).count()
    }
}

impl fmt::Display for Board {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for row in &self.cells {
            writeln!(f, "{}", row.iter().map(|c| if *c { '#' } else { '.' }).collect::<String>())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blinker_turns() {
        let start = Board::parse(".....\n..#..\n..#..\n..#..\n.....\n").unwrap();
        assert_ne!(start.next(), start);
        assert_eq!(start.next().next(), start);
    }
}
