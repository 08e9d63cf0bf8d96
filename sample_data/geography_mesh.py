"""Natural-looking borders: areas are grown over an irregular triangle mesh, so that a coverage comes out by itself.

The steps, all in km on a plane: `Noise` (smooth random fields), `Mesh` (Delaunay triangles of jittered points, with
rivers as chains of its edges), `grow` (each triangle goes to the seed that reaches it most cheaply over rough ground,
so every area is one piece), `tidy` (no single-triangle spikes) and `borders` (the edges between areas, smoothed and
roughened once for both sides: neighbours share every vertex, and no gap or overlap can arise).

Nothing here is random beyond the generator given; only its uniform numbers are used.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

Vector = np.ndarray


class Noise:
    """Smooth random field over the plane: sum of octaves of value noise, about -1..1, wavelength in km."""

    def __init__(self, rng: np.random.Generator, wavelength: float, octaves: int = 1, gain: float = 0.5) -> None:
        self._layers = []
        for octave in range(octaves):
            self._layers.append((wavelength / 2**octave, gain**octave, rng.random((128, 128)) * 2 - 1))

    def __call__(self, points: Vector) -> Vector:
        """The field's value at each of the points (n, 2)."""
        total = np.zeros(len(points))
        for wavelength, amplitude, lattice in self._layers:
            place = points / wavelength + 64
            cell = np.floor(place).astype(int)
            part = place - cell
            part = part * part * (3 - 2 * part)
            x, y = cell[:, 0] % 128, cell[:, 1] % 128
            right, above = (x + 1) % 128, (y + 1) % 128
            low = lattice[x, y] * (1 - part[:, 0]) + lattice[right, y] * part[:, 0]
            high = lattice[x, above] * (1 - part[:, 0]) + lattice[right, above] * part[:, 0]
            total += amplitude * (low * (1 - part[:, 1]) + high * part[:, 1])
        return total


def jittered_grid(rng: np.random.Generator, width: float, height: float, spacing: float) -> Vector:
    """Points of a triangular grid over 0..width, 0..height, each moved at random by up to a third of the spacing."""
    rows = np.arange(0, height, spacing * 0.866)
    columns = np.arange(0, width, spacing)
    x, y = np.meshgrid(columns, rows)
    x = x + (np.arange(len(rows)) % 2)[:, None] * spacing / 2
    points = np.column_stack([x.ravel(), y.ravel()])
    return points + (rng.random(points.shape) - 0.5) * spacing * 0.66


def meander(rng: np.random.Generator, controls: list[tuple[float, float]], bend: float, step: float) -> Vector:
    """A river's course near the control points: midpoints moved by up to `bend` of the gap, a vertex every `step`."""
    course = np.array(controls, dtype=float)
    for _ in range(5):
        ahead = course[1:] - course[:-1]
        swing = (rng.random(len(ahead)) - 0.5) * 2 * bend
        middle = (course[1:] + course[:-1]) / 2 + np.column_stack([-ahead[:, 1], ahead[:, 0]]) * swing[:, None]
        merged = np.empty((len(course) + len(middle), 2))
        merged[0::2], merged[1::2] = course, middle
        course = merged
    for _ in range(2):
        course[1:-1] = course[1:-1] / 2 + (course[2:] + course[:-2]) / 4
    line = shapely.LineString(course)
    return shapely.get_coordinates(line.interpolate(np.linspace(0, line.length, max(2, round(line.length / step)))))


@dataclass
class Mesh:
    """Triangles over points. `edges` (m, 2) are vertex pairs, `sides` (m, 2) the triangles beside each (-1: none)."""

    points: Vector
    triangles: Vector
    edges: Vector
    sides: Vector
    river: Vector  # per edge: lies on a river
    pinned: Vector  # per point: lies on a river

    @property
    def centres(self) -> Vector:
        """Centre of each triangle."""
        return self.points[self.triangles].mean(axis=1)

    @property
    def areas(self) -> Vector:
        """Area of each triangle in km2."""
        a, b, c = (self.points[self.triangles[:, corner]] for corner in range(3))
        return np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2


def build_mesh(points: Vector, rivers: list[Vector], clearance: Vector) -> Mesh:
    """Delaunay mesh of the points and the rivers' vertices; points nearer to a river than their clearance give way."""
    lines = shapely.MultiLineString([shapely.LineString(river) for river in rivers])
    shapely.prepare(lines)
    points = points[shapely.distance(lines, shapely.points(points)) > clearance]
    course = np.concatenate(rivers)
    points = np.unique(np.round(np.concatenate([points, course]), 6), axis=0)
    index = {(x, y): number for number, (x, y) in enumerate(points.tolist())}
    cells = shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint(points)))
    corners = shapely.get_coordinates(cells).reshape(-1, 4, 2)[:, :3].reshape(-1, 2).tolist()
    triangles = np.array([index[x, y] for x, y in corners]).reshape(-1, 3)
    triangles = triangles[np.lexsort(np.sort(triangles, axis=1).T)]

    pairs = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    edges, owner = np.unique(pairs, axis=0, return_inverse=True)
    sides = np.full((len(edges), 2), -1)
    for number, edge in enumerate(owner.ravel().tolist()):
        sides[edge, 0 if sides[edge, 0] < 0 else 1] = number // 3
    wet = set()
    for river in rivers:
        chain = [index[x, y] for x, y in np.round(river, 6).tolist()]
        wet.update((min(a, b), max(a, b)) for a, b in itertools.pairwise(chain))
    river_edge = np.array([(a, b) in wet for a, b in edges.tolist()])
    pinned = np.zeros(len(points), dtype=bool)
    pinned[edges[river_edge].ravel()] = True
    return Mesh(points, triangles, edges, sides, river_edge, pinned)


Passages = list[list[tuple[int, float]]]  # per triangle: its neighbours and what the step there costs


def passages(mesh: Mesh, roughness: Vector, barrier: float, within: Vector) -> Passages:
    """Where growth can go: a step costs its length times the mean roughness, and `barrier` km more over a river.

    `within` labels the triangles: there is no way from one of its values to another.
    """
    ways: Passages = [[] for _ in mesh.triangles]
    inner = np.flatnonzero((mesh.sides >= 0).all(axis=1))
    inner = inner[within[mesh.sides[inner, 0]] == within[mesh.sides[inner, 1]]]
    a, b = mesh.sides[inner].T
    centres = mesh.centres
    cost = np.hypot(*(centres[a] - centres[b]).T) * (roughness[a] + roughness[b]) / 2
    cost = np.round(cost + mesh.river[inner] * barrier, 6)
    for first, second, step in zip(a.tolist(), b.tolist(), cost.tolist(), strict=True):
        ways[first].append((second, step))
        ways[second].append((first, step))
    return ways


def grow(ways: Passages, seeds: list[int], reluctance: Vector) -> Vector:
    """The seed (its position in `seeds`) that reaches each triangle most cheaply; -1 where none can.

    The cost is that of the steps times the seed's reluctance. Every seed's triangles hang together.
    """
    label = [-1] * len(ways)
    queue = [(0.0, number, seed) for number, seed in enumerate(seeds)]
    heapq.heapify(queue)
    factor = reluctance.tolist()
    push, pop = heapq.heappush, heapq.heappop
    while queue:
        reached, number, triangle = pop(queue)
        if label[triangle] >= 0:
            continue
        label[triangle] = number
        for other, step in ways[triangle]:
            if label[other] < 0:
                push(queue, (reached + step * factor[number], number, other))
    return np.array(label)


def tidy(mesh: Mesh, label: Vector, within: Vector | None = None) -> Vector:
    """Gives a triangle that sticks into another area to that area, until none does. A leaf's loss splits no area."""
    around: list[list[int]] = [[] for _ in mesh.triangles]
    for a, b in mesh.sides[(mesh.sides >= 0).all(axis=1)].tolist():
        around[a].append(b)
        around[b].append(a)
    label = label.copy()
    for _ in range(20):
        changed = 0
        for triangle, others in enumerate(around):
            labels = [label[other] for other in others if within is None or within[other] == within[triangle]]
            for one in labels:
                if one != label[triangle] and labels.count(one) >= 2:
                    label[triangle] = one
                    changed += 1
                    break
        if not changed:
            break
    return label


def borders(
    rng: np.random.Generator, mesh: Mesh, label: Vector, digits: Callable[[Vector], Vector], detail: float
) -> list[list[Vector]]:
    """The border of every label 0.. as a list of short lines in rounded coordinates, the same for both neighbours.

    Vertices are smoothed along the border; those on a river stay. Edges longer than `detail` km get displaced points
    between, but not the mesh's own rim. `digits` is a function from km to rounded final coordinates; edges that would
    cross after that are left straight.
    """
    outside = np.where(mesh.sides >= 0, label[mesh.sides], -1)
    edge_numbers = np.flatnonzero(outside[:, 0] != outside[:, 1])
    edges = mesh.edges[edge_numbers]
    points = mesh.points.copy()
    degree = np.bincount(edges.ravel(), minlength=len(points))
    free = (degree > 0) & ~mesh.pinned
    for _ in range(2):
        total = np.zeros_like(points)
        np.add.at(total, edges[:, 0], points[edges[:, 1]])
        np.add.at(total, edges[:, 1], points[edges[:, 0]])
        points[free] = points[free] / 2 + total[free] / degree[free, None] / 2

    fixed = mesh.river[edge_numbers] | (mesh.sides[edge_numbers] < 0).any(axis=1)
    chains = [
        _roughen(rng, points[a], points[b], 0 if still else detail) for (a, b), still in zip(edges, fixed, strict=True)
    ]
    straight = [points[[a, b]] for a, b in edges]
    lines = [digits(chain) for chain in chains]
    for _ in range(5):
        geometry = np.array([shapely.LineString(line) for line in lines])
        first, second = shapely.STRtree(geometry).query(geometry, predicate="intersects")
        apart = first < second
        first, second = first[apart], second[apart]
        meeting = shapely.intersection(geometry[first], geometry[second])
        shared = np.array([len(np.intersect1d(edges[a], edges[b])) > 0 for a, b in zip(first, second, strict=True)])
        bad = ~(shared & (shapely.get_type_id(meeting) == 0))
        crossed = set(first[bad].tolist()) | set(second[bad].tolist())
        if not crossed:
            break
        for number in crossed:
            lines[number] = digits(straight[number])
    found: list[list[Vector]] = [[] for _ in range(int(label.max()) + 1)]
    for number, line in zip(edge_numbers, lines, strict=True):
        for side in outside[number].tolist():
            if side >= 0:
                found[side].append(line)
    return found


def _roughen(rng: np.random.Generator, start: Vector, end: Vector, detail: float) -> Vector:
    """Start to end with displaced midpoints until the pieces are shorter than `detail` (0: as it is)."""
    chain = np.array([start, end])
    while detail and np.hypot(*(chain[1] - chain[0])) > detail:
        ahead = chain[1:] - chain[:-1]
        swing = (rng.random(len(ahead)) - 0.5) * 0.6
        middle = (chain[1:] + chain[:-1]) / 2 + np.column_stack([-ahead[:, 1], ahead[:, 0]]) * swing[:, None]
        merged = np.empty((len(chain) + len(middle), 2))
        merged[0::2], merged[1::2] = chain, middle
        chain = merged
    return chain
