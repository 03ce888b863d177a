//! Which block of the message an index on the wire means.
//!
//! Blocks nearly always come in the order of their indexes, and then a binary search finds them.
//! Where they don't, they stay in the order in which they came until the message is complete: a
//! block that is put in front moves all others, and a thousand of them would move a million. A
//! sorted set of the indexes then finds them, and gives them their order at the end.

use super::inputs::Input;
use super::protocol::ProtocolError;
use super::sorted::{Key, Sorted};

/// What is known about each block beside the block itself.
#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct Slots {
    /// Where the last delta went, which is where the next one goes, and its index, until that
    /// block has ended.
    last: usize,
    last_index: Option<u64>,
    /// How many blocks wait for the second half of a character.
    waiting: usize,
    /// One beside each block of the message, at the same place.
    list: Vec<Slot>,
    /// The indexes with their places, once a block has come behind one with a greater index.
    sorted: Option<Sorted>,
    /// How many blocks `message_start` brought that the indexes on the wire do not count.
    base: u64,
    /// How many blocks are open, and all their places in one number: that of the block, if there is
    /// only one.
    open: usize,
    open_places: usize,
}

#[derive(Debug)]
pub(super) struct Slot {
    /// The index on the wire, plus [`Slots::base`].
    index: u64,
    /// Whether it came in `message_start`.
    given: bool,
    open: bool,
    /// The first half of a surrogate pair that waits for the second one.
    half: Option<u16>,
    pub(super) input: Option<Input>,
}

impl Slot {
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    pub(super) fn is_given(&self) -> bool {
        self.given
    }
}

impl Slots {
    /// Those of a message that starts with some blocks.
    pub(super) fn given(count: usize) -> Self {
        let mut slots = Self::default();
        for index in 0..count as u64 {
            slots.list.push(Slot {
                index,
                given: true,
                open: false,
                half: None,
                input: None,
            });
        }
        slots
    }

    /// Whether no block has come since `message_start`.
    pub(super) fn are_given(&self) -> bool {
        self.list.last().is_none_or(Slot::is_given)
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Slot> {
        self.list.iter()
    }

    pub(super) fn inputs(&mut self) -> impl Iterator<Item = &mut Input> {
        self.list.iter_mut().filter_map(|slot| slot.input.as_mut())
    }

    pub(super) fn get(&self, place: usize) -> Option<&Slot> {
        self.list.get(place)
    }

    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Slot> {
        self.list.get_mut(place)
    }

    /// From here on the indexes on the wire count from behind the blocks that are there.
    pub(super) fn count_from_zero(&mut self) {
        self.base = u64::try_from(self.list.len()).unwrap_or(u64::MAX);
        self.last_index = None;
    }

    /// Adds an open block behind all others.
    pub(super) fn push(&mut self, index: u64, input: Option<Input>) {
        let index = index.saturating_add(self.base);
        let place = self.list.len();
        let is_late = self.list.last().is_some_and(|last| last.index > index);
        if is_late && self.sorted.is_none() {
            let mut sorted = Sorted::default();
            for (place, slot) in self.list.iter().enumerate() {
                sorted.insert(Key(slot.index, place));
            }
            self.sorted = Some(sorted);
        }
        if let Some(sorted) = &mut self.sorted {
            sorted.insert(Key(index, place));
        }
        self.list.push(Slot {
            index,
            given: false,
            open: true,
            half: None,
            input,
        });
        self.last_index = None;
        self.open += 1;
        self.open_places ^= place;
    }

    /// The place of the newest block with this index.
    pub(super) fn place(&self, index: u64) -> Option<usize> {
        let index = index.saturating_add(self.base);
        let place = if let Some(sorted) = &self.sorted {
            sorted.last_up_to(Key(index, usize::MAX))?.1
        } else {
            let after = self.list.partition_point(|slot| slot.index <= index);
            after.checked_sub(1)?
        };
        let slot = self.list.get(place)?;
        (slot.index == index).then_some(place)
    }

    /// The index on the wire of the block at a place.
    pub(super) fn index(&self, place: usize) -> Option<u64> {
        self.list.get(place)?.index.checked_sub(self.base)
    }

    /// The place of an open block.
    pub(super) fn find(&mut self, index: u64) -> Result<usize, ProtocolError> {
        if self.last_index == Some(index) {
            return Ok(self.last);
        }
        let place = self.place(index).ok_or(ProtocolError::NoBlock { index })?;
        match self.list.get(place) {
            Some(slot) if slot.open => {
                self.last = place;
                self.last_index = Some(index);
                Ok(place)
            }
            _ => Err(ProtocolError::BlockEnded { index }),
        }
    }

    /// The index of the only open block.
    pub(super) fn only_open(&self) -> Option<u64> {
        if self.open != 1 {
            return None;
        }
        let slot = self.list.get(self.open_places)?;
        slot.index.checked_sub(self.base)
    }

    /// The index that follows the greatest so far.
    pub(super) fn next_index(&self) -> Option<u64> {
        let greatest = match &self.sorted {
            Some(sorted) => self.list.get(sorted.last()?.1),
            None => self.list.last(),
        };
        match greatest {
            Some(slot) if !slot.given => slot.index.checked_sub(self.base)?.checked_add(1),
            _ => u64::try_from(self.list.len()).ok(),
        }
    }

    /// Ends a block; returns its slot, and the half of a character that it waited for in vain, if
    /// it was open.
    pub(super) fn close(&mut self, place: usize) -> Option<(&mut Slot, Option<u16>)> {
        let slot = self.list.get_mut(place)?;
        if !slot.open {
            return None;
        }
        self.last_index = None;
        slot.open = false;
        self.open -= 1;
        self.open_places ^= place;
        let half = slot.half.take();
        self.waiting -= usize::from(half.is_some());
        Some((slot, half))
    }

    /// Whether the first half of a surrogate pair waits for the second one.
    pub(super) fn waits_for_half(&self) -> bool {
        self.waiting > 0
    }

    pub(super) fn take_half(&mut self, index: u64) -> Option<u16> {
        let place = self.place(index)?;
        let half = self.list.get_mut(place)?.half.take();
        self.waiting -= usize::from(half.is_some());
        half
    }

    /// The halves that blocks wait with, and the indexes of these.
    pub(super) fn take_halves(&mut self) -> Vec<(u64, u16)> {
        self.waiting = 0;
        let base = self.base;
        let waiting = self.list.iter_mut();
        waiting
            .filter_map(|slot| Some((slot.index.checked_sub(base)?, slot.half.take()?)))
            .collect()
    }

    pub(super) fn set_half(&mut self, place: usize, half: u16) {
        match self.list.get_mut(place) {
            Some(slot) if slot.open => {
                self.waiting += usize::from(slot.half.replace(half).is_none());
            }
            _ => {}
        }
    }

    /// Puts what lies beside the slots in the order of the indexes.
    pub(super) fn arranged<T>(&self, items: Vec<T>) -> Vec<T> {
        match &self.sorted {
            Some(sorted) => sorted.arranged(items),
            None => items,
        }
    }

    /// The blocks lie in the order of their indexes now.
    pub(super) fn arrange(&mut self) {
        if let Some(sorted) = self.sorted.take() {
            self.list = sorted.arranged(std::mem::take(&mut self.list));
            self.last_index = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use anthropic_types::{ContentBlock, Message, TextBlock, Usage};

    use super::super::fold::{Fold, Kind};
    use super::super::sorted::COMPARED;
    use super::Slots;

    #[test]
    fn blocks_in_any_order_cost_no_more_than_sorting_them() {
        const COUNT: u64 = 4096;
        let orders: [fn(u64) -> u64; 3] = [
            |number| COUNT - 1 - number,
            // All of them, each once.
            |number| number * 2_654_435_761 % COUNT,
            |number| number ^ 1,
        ];
        for order in orders {
            let mut fold = Fold::default();
            let none: [ContentBlock; 0] = [];
            fold.start(&Message::new("m", none, "m", Usage::new(1, 1)))
                .unwrap();
            COMPARED.set(0);
            for number in 0..COUNT {
                let index = order(number);
                fold.open(index, &TextBlock::new("").into()).unwrap();
                fold.append(index, Kind::Text, &index.to_string()).unwrap();
                // A block that has come is never moved.
                let content = &fold.message().unwrap().content;
                let last = content.last().and_then(ContentBlock::as_text).unwrap();
                assert_eq!(last.text, index.to_string());
            }
            for index in 0..COUNT {
                assert_eq!(
                    fold.at(index).and_then(ContentBlock::as_text).unwrap().text,
                    index.to_string()
                );
                fold.close(index).unwrap();
            }
            let partial = fold.partial().unwrap();
            fold.close_all();
            let compared = COMPARED.get();
            assert!(compared < 500 * COUNT, "{compared} comparisons");
            let message = fold.into_message().unwrap();
            assert_eq!(partial, message);
            let texts = message.content.iter().filter_map(ContentBlock::as_text);
            let indexes = texts.map(|block| block.text.parse::<u64>().unwrap());
            assert!(indexes.eq(0..COUNT));
        }
    }

    #[test]
    fn no_block_waits_for_half_a_character_once_it_has_come_or_the_block_has_ended() {
        let mut slots = Slots::default();
        slots.push(0, None);
        slots.push(1, None);
        assert!(!slots.waits_for_half());
        for _ in 0..2 {
            slots.set_half(0, 0xD83D);
            slots.set_half(1, 0xD83D);
            assert!(slots.waits_for_half());
            assert_eq!(slots.take_half(0), Some(0xD83D));
            assert!(slots.waits_for_half());
            assert_eq!(slots.take_half(1), Some(0xD83D));
            assert!(!slots.waits_for_half());
            assert_eq!(slots.take_half(1), None);
        }
        slots.set_half(1, 0xD83D);
        assert_eq!(slots.close(1).unwrap().1, Some(0xD83D));
        assert!(!slots.waits_for_half());
        slots.set_half(1, 0xD83D);
        assert!(!slots.waits_for_half(), "it has ended");
    }
}
