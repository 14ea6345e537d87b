namespace GpuStack.Placement.Planning.Search;

/// <summary>Puts names to the seats of a layout: within a class the leader takes the first name, workers the next in order.</summary>
internal static class SeatNames
{
    public static string[] Assign(Layout layout)
    {
        var names = new string[layout.Seats.Count];
        var next = new Dictionary<NodeClass, int>(ReferenceEqualityComparer.Instance);
        for (var i = -1; i < names.Length - 1; i++)
        {
            var seat = i < 0 ? names.Length - 1 : i;
            var c = layout.Seats[seat].Class;
            var index = next.GetValueOrDefault(c);
            names[seat] = c.Names[index];
            next[c] = index + 1;
        }

        return names;
    }
}
