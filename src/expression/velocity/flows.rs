//! How far the ways between cells go along velocities, some genes side by side.

use super::rest::Row;

/// How many genes are done side by side; sums are made in this order for any number of threads.
pub(super) const LANES: usize = 16;

/// Flows of up to [`LANES`] genes over all edges, each of length one; those of a gene that does not move are zero.
pub(super) struct Flows<'a> {
    edges: &'a [(u32, u32)],
    x: Vec<Row<f32>>,
    v: Vec<Row<f32>>,
    lengths: [f64; LANES],
    moves: [bool; LANES],
}

impl<'a> Flows<'a> {
    /// Takes positions and velocities of all cells.
    pub(super) fn new(
        edges: &'a [(u32, u32)],
        (mut x, mut v): (Vec<Row<f32>>, Vec<Row<f32>>),
    ) -> Self {
        let mut squares = [0.0; LANES];
        for edge in edges {
            for (sum, flow) in squares.iter_mut().zip(flow((&x, &v), *edge)) {
                *sum += f64::from(flow) * f64::from(flow);
            }
        }
        let mut lengths = squares.map(f64::sqrt);
        let moves = lengths.map(|length| length > 0.0 && length.is_finite());
        for lane in (0..LANES).filter(|lane| !moves[*lane]) {
            lengths[lane] = 1.0;
            for row in x.iter_mut().chain(&mut v) {
                row[lane] = 0.0;
            }
        }
        Self {
            edges,
            x,
            v,
            lengths,
            moves,
        }
    }

    /// Returns which genes move.
    pub(super) fn moves(&self) -> [bool; LANES] {
        self.moves
    }

    /// Adds the flows to a sum over all edges.
    pub(super) fn add_to(&self, sum: &mut [f64]) {
        for (sum, edge) in sum.iter_mut().zip(self.edges) {
            let flows: f64 = self.of(*edge).iter().map(|flow| f64::from(*flow)).sum();
            *sum += flows;
        }
    }

    /// Returns the inner product of the flow of each gene with another one.
    pub(super) fn along(&self, other: &[f64]) -> [f64; LANES] {
        let mut products = [0.0; LANES];
        for (other, edge) in other.iter().zip(self.edges) {
            for (product, flow) in products.iter_mut().zip(self.of(*edge)) {
                *product += f64::from(flow) * other;
            }
        }
        products
    }

    #[inline]
    fn of(&self, edge: (u32, u32)) -> Row<f32> {
        let mut flows = flow((&self.x, &self.v), edge);
        for (flow, length) in flows.iter_mut().zip(&self.lengths) {
            *flow = (f64::from(*flow) / length) as f32;
        }
        flows
    }
}

/// Returns how far one edge goes along the velocity of each gene.
#[inline]
fn flow((x, v): (&[Row<f32>], &[Row<f32>]), (from, to): (u32, u32)) -> Row<f32> {
    let (from, to) = (from as usize, to as usize);
    let (here, there) = (&x[from], &x[to]);
    let (v_here, v_there) = (&v[from], &v[to]);
    std::array::from_fn(|lane| (there[lane] - here[lane]) * (v_here[lane] + v_there[lane]) / 2.0)
}
