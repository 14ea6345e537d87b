namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// The allocator of one buffer, by ggml's rule: the smallest free block that fits (the later of equal ones), else the open end; freed neighbours
/// merge. What counts is how far the buffer ever reached.
/// </summary>
internal sealed class FreeList
{
    /// <summary>Tensors begin at multiples of this in the buffers of CPUs and RPC devices; CUDA's 128 changes nothing that matters.</summary>
    private const long Alignment = 32;

    private const long Endless = long.MaxValue / 4;

    private readonly List<(long Offset, long Size)> _free = [(0, Endless)];

    /// <summary>The size that the buffer needs, in bytes.</summary>
    public long Reached { get; private set; }

    public static long Align(long size) => (size + Alignment - 1) / Alignment * Alignment;

    public long Allocate(long size)
    {
        size = Align(size);
        int best = _free.Count - 1;
        long bestSize = long.MaxValue;
        for (int i = 0; i < _free.Count - 1; i++)
        {
            if (_free[i].Size >= size && _free[i].Size <= bestSize)
            {
                (best, bestSize) = (i, _free[i].Size);
            }
        }

        (long offset, long available) = _free[best];
        if (available == size)
        {
            _free.RemoveAt(best);
        }
        else
        {
            _free[best] = (offset + size, available - size);
        }

        Reached = Math.Max(Reached, offset + size);
        return offset;
    }

    /// <summary>
    /// Frees what was allocated. Joins the first neighbour in the list, and that one's neighbour; as in ggml a block of size 0 may keep two others apart.
    /// </summary>
    public void Free(long offset, long size)
    {
        size = Align(size);
        for (int i = 0; i < _free.Count; i++)
        {
            (long start, long length) = _free[i];
            if (start + length == offset)
            {
                length += size;
                if (i < _free.Count - 1 && start + length == _free[i + 1].Offset)
                {
                    length += _free[i + 1].Size;
                    _free.RemoveAt(i + 1);
                }

                _free[i] = (start, length);
                return;
            }

            if (offset + size == start)
            {
                (start, length) = (offset, length + size);
                if (i > 0 && _free[i - 1].Offset + _free[i - 1].Size == start)
                {
                    _free[i - 1] = (_free[i - 1].Offset, _free[i - 1].Size + length);
                    _free.RemoveAt(i);
                }
                else
                {
                    _free[i] = (start, length);
                }

                return;
            }
        }

        int next = 0;
        while (next < _free.Count && _free[next].Offset < offset)
        {
            next++;
        }

        _free.Insert(next, (offset, size));
    }
}
