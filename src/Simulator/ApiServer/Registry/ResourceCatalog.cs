using System.Collections.Immutable;

namespace GpuStack.Simulator.ApiServer.Registry;

/// <summary>The resources served now. Changed as a whole when a CustomResourceDefinition comes, changes or goes.</summary>
internal sealed class ResourceCatalog
{
    private readonly Lock _gate = new();
    private volatile ImmutableArrayBox _resources;

    public ResourceCatalog(IEnumerable<ApiResource> builtIn) => _resources = new ImmutableArrayBox([.. builtIn]);

    /// <summary>All resources, in the order they were added.</summary>
    public ImmutableArray<ApiResource> All => _resources.Items;

    /// <summary>Changes with every change of the resources.</summary>
    public int Generation => _resources.Generation;

    public ApiResource? Find(string group, string version, string plural) =>
        _resources.Index.GetValueOrDefault((group, version, plural));

    public bool Serves(string group, string version) => All.Any(resource =>
        string.Equals(resource.Group, group, StringComparison.Ordinal) && string.Equals(resource.Version, version, StringComparison.Ordinal));

    /// <summary>Replaces the versions of one custom resource; an empty list removes it.</summary>
    public void ReplaceCustom(string group, string plural, IReadOnlyList<ApiResource> versions)
    {
        lock (_gate)
        {
            var kept = All.Where(resource => !resource.IsCustom
                || !string.Equals(resource.Group, group, StringComparison.Ordinal)
                || !string.Equals(resource.Plural, plural, StringComparison.Ordinal));
            _resources = new ImmutableArrayBox([.. kept, .. versions]) { Generation = _resources.Generation + 1 };
        }
    }

    private sealed class ImmutableArrayBox(ImmutableArray<ApiResource> items)
    {
        public ImmutableArray<ApiResource> Items { get; } = items;

        public Dictionary<(string Group, string Version, string Plural), ApiResource> Index { get; } =
            items.ToDictionary(resource => (resource.Group, resource.Version, resource.Plural));

        public int Generation { get; init; }
    }
}
