namespace GpuStack.Operator.Planning;

/// <summary>The order in which deployments that wait for capacity are served: the higher priority first, then the older.</summary>
internal sealed record WaitingRank(int Priority, DateTimeOffset Created, string Uid) : IComparable<WaitingRank>
{
    public int CompareTo(WaitingRank? other)
    {
        if (other is null)
            return -1;
        var order = other.Priority.CompareTo(Priority);
        if (order == 0)
            order = Created.CompareTo(other.Created);
        return order != 0 ? order : string.CompareOrdinal(Uid, other.Uid);
    }
}
