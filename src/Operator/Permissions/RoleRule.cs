namespace GpuStack.Operator.Permissions;

/// <summary>One rule of a role: of a resource, or of paths of the server.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Resource">Plural, with the subresource after a slash; empty for paths.</param>
/// <param name="Names">The only objects it holds for, or the paths; sorted.</param>
/// <param name="Verbs">Lower-case verbs, sorted.</param>
internal sealed record RoleRule(string Group, string Resource, IReadOnlyList<string> Names, IReadOnlyList<string> Verbs)
{
    /// <summary>Whether it is about paths of the server.</summary>
    public bool IsOfPaths => Resource.Length == 0;
}
