namespace GpuStack.Simulator.Storage;

/// <summary>One kind of stored objects: the API group ("" for the core group) and the plural name.</summary>
/// <param name="Group">API group, empty for the core group.</param>
/// <param name="Resource">Plural name, such as <c>pods</c>.</param>
public readonly record struct ResourceKey(string Group, string Resource)
{
    /// <summary>The name as error messages print it: <c>pods</c>, <c>statefulsets.apps</c>.</summary>
    public override string ToString() => Group.Length == 0 ? Resource : $"{Resource}.{Group}";
}
