namespace GpuStack.Placement.Planning.Search;

/// <summary>Puts names to the seats of a layout: within a class the leader takes the first name, workers the next in order.</summary>
internal static class SeatNames
{
    public static string[] Assign(Layout layout)
    {
        var names = new string[layout.Seats.Count];
        var seats = new Dictionary<NodeClass, List<int>>(ReferenceEqualityComparer.Instance);
        for (var i = -1; i < names.Length - 1; i++)
        {
            var seat = i < 0 ? names.Length - 1 : i;
            var c = layout.Seats[seat].Class;
            if (!seats.TryGetValue(c, out var taken))
                seats[c] = taken = [];
            taken.Add(seat);
        }

        foreach (var (c, taken) in seats)
        {
            var first = c.First(taken.Count);
            for (var i = 0; i < taken.Count; i++)
                names[taken[i]] = first[i];
        }

        return names;
    }
}
