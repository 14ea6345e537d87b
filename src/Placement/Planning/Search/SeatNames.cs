namespace GpuStack.Placement.Planning.Search;

/// <summary>Puts names to the seats of a layout: within a class the leader takes the first name, workers the next in order.</summary>
internal static class SeatNames
{
    public static string[] Assign(Layout layout)
    {
        var names = new string[layout.Seats.Count];
        var seats = new Dictionary<NodeClass, int>(ReferenceEqualityComparer.Instance);
        foreach (var seat in layout.Seats)
            seats[seat.Class] = seats.GetValueOrDefault(seat.Class) + 1;
        var first = seats.ToDictionary(pair => pair.Key, pair => pair.Key.First(pair.Value), (IEqualityComparer<NodeClass>)ReferenceEqualityComparer.Instance);
        var next = new Dictionary<NodeClass, int>(ReferenceEqualityComparer.Instance);
        for (var i = -1; i < names.Length - 1; i++)
        {
            var seat = i < 0 ? names.Length - 1 : i;
            var c = layout.Seats[seat].Class;
            var index = next.GetValueOrDefault(c);
            names[seat] = first[c][index];
            next[c] = index + 1;
        }

        return names;
    }
}
