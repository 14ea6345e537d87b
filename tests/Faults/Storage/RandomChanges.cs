namespace GpuStack.Faults.Storage;

/// <summary>
/// Changes drawn at random: of a fixed set of names most exist at any time; they are updated, change their team's label, go and come back.
/// </summary>
public sealed class RandomChanges
{
    /// <summary>The namespaces of the objects.</summary>
    public static readonly IReadOnlyList<string> Namespaces = ["default", "one", "two", "three"];

    /// <summary>The values of the label <c>team</c>.</summary>
    public static readonly IReadOnlyList<string> Teams = ["a", "b", "c", "d"];

    private readonly VersionedStore _store;
    private readonly Random _random;
    private readonly int _names;

    /// <summary>Fills the store with objects of that many names a resource.</summary>
    public RandomChanges(VersionedStore store, int names, int seed)
    {
        _store = store;
        _names = names;
#pragma warning disable CA5394 // A test's dice.
        _random = new Random(seed);
#pragma warning restore CA5394
        foreach (var resource in ServedResource.All)
        {
            for (var i = 0; i < names; i++) Put(resource, i, TeamOf(i));
        }
    }

    /// <summary>How many changes were made.</summary>
    public int Count { get; private set; }

    /// <summary>Makes one change.</summary>
    public void Next()
    {
        var resource = ServedResource.All[Draw(ServedResource.All.Count)];
        var index = Draw(_names);
        var present = _store.Get(resource, NamespaceOf(index), NameOf(index));
        var what = Draw(100);
        if (present is not null && what < 15) _store.Delete(resource, NamespaceOf(index), NameOf(index));
        else Put(resource, index, present is null || what < 25 ? Teams[Draw(Teams.Count)] : present.Labels["team"]);
        Count++;
    }

    private static string NameOf(int index) => $"object-{index}";

    private static string NamespaceOf(int index) => Namespaces[index % Namespaces.Count];

    private static string TeamOf(int index) => Teams[index / Namespaces.Count % Teams.Count];

    private void Put(ServedResource resource, int index, string team) =>
        _store.Put(resource, NamespaceOf(index), NameOf(index), $"value-{Draw(1_000_000)}", new Dictionary<string, string> { ["team"] = team, ["app"] = "soak" });

#pragma warning disable CA5394
    private int Draw(int bound) => _random.Next(bound);
#pragma warning restore CA5394
}
