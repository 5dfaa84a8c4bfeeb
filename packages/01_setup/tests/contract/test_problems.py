"""Task 1.7 at work, and every other thing that can be wrong with an installation."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tinytorch.setup import Problem, find_problems

if TYPE_CHECKING:
    from conftest import Site


def only(problems: tuple[Problem, ...]) -> Problem:
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def test_nothing_is_wrong_with_nothing(site: Site) -> None:
    assert find_problems(site.path) == ()


def test_nothing_is_wrong_with_a_clean_installation(site: Site, elsewhere: Site) -> None:
    site.wheel("tensor", "0.1.0+student")
    site.wheel("activations", requires=["tinytorch-tensor>=0.1,<0.2"])
    site.editable("layers", elsewhere)
    site.wheel("tinytorch_xornet")
    assert find_problems([*site.path, *elsewhere.path]) == ()


def test_a_foreign_tinytorch(site: Site) -> None:
    site.metadata("tinytorch", "0.1.0")
    problem = only(find_problems(site.path))
    assert problem.kind == "foreign-distribution"
    assert problem.package is None
    assert "somebody else" in problem.why
    assert problem.fix.endswith("uninstall tinytorch")


def test_a_foreign_tinytorch_with_code_is_one_problem(site: Site) -> None:
    site.metadata("tinytorch", "3.0")
    (site.folder / "tinytorch").mkdir()
    (site.folder / "tinytorch" / "__init__.py").touch()
    assert only(find_problems(site.path)).kind == "foreign-distribution"


def test_the_course_s_own_packages_are_not_foreign(site: Site) -> None:
    site.metadata("tinytorch-part1")
    site.metadata("tinytorch-course")
    assert find_problems(site.path) == ()


def test_a_stray_init(site: Site) -> None:
    site.wheel("tensor")
    stray = site.folder / "tinytorch" / "__init__.py"
    stray.touch()
    problem = only(find_problems(site.path))
    assert problem.kind == "stray-init"
    assert str(stray) in problem.what
    assert str(stray) in problem.fix


def test_a_stray_init_in_another_folder_hides_the_modules(site: Site, elsewhere: Site) -> None:
    site.wheel("tensor")
    stray = elsewhere.folder / "tinytorch" / "__init__.py"
    stray.parent.mkdir()
    stray.touch()
    # The order of the folders does not matter: code of its own beats a namespace anywhere.
    for path in ([*site.path, *elsewhere.path], [*elsewhere.path, *site.path]):
        problem = only(find_problems(path))
        assert problem.kind == "stray-init"
        assert str(stray.resolve()) in problem.fix


def test_a_script_named_tinytorch(site: Site, elsewhere: Site) -> None:
    site.wheel("tensor")
    (elsewhere.folder / "tinytorch.py").write_text("print('my experiment')\n")
    problem = only(find_problems([*elsewhere.path, *site.path]))
    assert problem.kind == "stray-init"
    assert "tinytorch.py" in problem.fix


def test_files_that_are_missing_altogether(site: Site) -> None:
    shutil.rmtree(site.wheel("tensor").parent)
    problem = only(find_problems(site.path))
    assert (problem.kind, problem.package) == ("missing-files", "tensor")
    assert 'install --force-reinstall --no-deps "tinytorch-tensor==0.1.0"' in problem.fix


def test_one_file_that_is_missing(site: Site) -> None:
    site.wheel("tensor").with_name("rest.py").unlink()
    problem = only(find_problems(site.path))
    assert problem.kind == "missing-files"
    assert "tinytorch/tensor/rest.py" in problem.what


def test_a_hollow_module(site: Site) -> None:
    site.wheel("tensor").unlink()
    problem = only(find_problems(site.path))
    assert (problem.kind, problem.package) == ("hollow-module", "tensor")
    assert "__init__.py" in problem.what
    assert "tinytorch-tensor==0.1.0" in problem.fix


def test_a_hollow_module_left_behind(site: Site) -> None:
    folder = site.folder / "tinytorch" / "tensor"
    (folder / "__pycache__").mkdir(parents=True)
    problem = only(find_problems(site.path))
    assert problem.kind == "hollow-module"
    assert str(folder) in problem.fix


def test_a_student_s_hollow_module_is_mended_in_the_project(site: Site, elsewhere: Site) -> None:
    file = site.editable("tensor", elsewhere, "0.1.0+student")
    file.unlink()
    problem = only(find_problems([*site.path, *elsewhere.path]))
    assert problem.kind == "hollow-module"
    assert str(file) in problem.fix


def test_a_project_folder_that_is_gone(site: Site, elsewhere: Site) -> None:
    site.editable("tensor", elsewhere, "0.1.0+student")
    shutil.rmtree(elsewhere.folder)
    problem = only(find_problems([*site.path, *elsewhere.path]))
    assert problem.kind == "source-gone"
    assert str(elsewhere.folder) in problem.what
    # The reference is brought back by its own version, not by the student's.
    assert '"tinytorch-tensor==0.1.0"' in problem.fix


def test_a_project_that_a_running_python_does_not_see_yet(site: Site, elsewhere: Site) -> None:
    site.editable("tensor", elsewhere)
    problem = only(find_problems(site.path))
    assert problem.kind == "not-on-path"
    assert "restart" in problem.fix


def test_a_shadowed_module(site: Site, elsewhere: Site) -> None:
    file = site.wheel("tensor")
    other = elsewhere.code("tensor")
    problem = only(find_problems([*elsewhere.path, *site.path]))
    assert (problem.kind, problem.package) == ("shadowed", "tensor")
    assert str(other) in problem.what
    assert str(file.parent) in problem.what


def test_code_that_pip_does_not_know(site: Site) -> None:
    file = site.code("tensor")
    problem = only(find_problems(site.path))
    assert (problem.kind, problem.package) == ("unpackaged", "tensor")
    assert str(file) in problem.what


def test_a_reference_edited_in_place(site: Site) -> None:
    file = site.wheel("tensor").with_name("rest.py")
    file.write_text("answer = 43\n")
    problem = only(find_problems(site.path))
    assert problem.kind == "edited-in-place"
    assert "tinytorch/tensor/rest.py" in problem.what
    assert "tinytorch-tensor==0.1.0" in problem.fix


def test_a_student_may_edit_their_own(site: Site) -> None:
    site.wheel("tensor", "0.1.0+student").with_name("rest.py").write_text("answer = 43\n")
    assert find_problems(site.path) == ()


def test_a_version_out_of_a_dependant_s_range(site: Site) -> None:
    site.wheel("tensor", "0.2.0")
    site.wheel("layers", requires=["tinytorch-tensor>=0.1,<0.2"])
    problem = only(find_problems(site.path))
    assert (problem.kind, problem.package) == ("version-conflict", "layers")
    assert "0.2.0" in problem.what
    assert 'install "tinytorch-tensor>=0.1,<0.2"' in problem.fix


def test_a_student_s_version_is_in_the_range(site: Site) -> None:
    site.wheel("tensor", "0.1.0+student")
    site.wheel("layers", requires=["tinytorch-tensor>=0.1,<0.2"])
    assert find_problems(site.path) == ()


def test_a_requirement_that_is_missing(site: Site) -> None:
    site.wheel("layers", requires=["tinytorch-tensor>=0.1,<0.2", 'rich; extra == "pretty"'])
    problem = only(find_problems(site.path))
    assert (problem.kind, problem.package) == ("missing-requirement", "layers")


def test_a_library_out_of_range(site: Site) -> None:
    site.metadata("numpy", "1.26.4")
    site.wheel("tensor", requires=["numpy>=2.0"])
    problem = only(find_problems(site.path))
    assert problem.kind == "version-conflict"
    assert 'install "numpy>=2.0"' in problem.fix


def test_what_other_people_s_packages_ask_for_is_not_our_business(site: Site) -> None:
    site.metadata("somebody-elses", requires=["never-installed>=3"])
    assert find_problems(site.path) == ()


def test_a_project_whose_name_is_mistyped(site: Site) -> None:
    site.wheel("tensor")
    site.metadata(
        "tinytorch-tensro",
        "0.1.0+student",
        entry_points="[tinytorch.modules]\ntensor = tinytorch.tensor\n",
    )
    problem = only(find_problems(site.path))
    assert (problem.kind, problem.package) == ("misnamed-distribution", "tensor")
    assert "tinytorch-tensro" in problem.what
    assert 'name = "tinytorch-tensor"' in problem.fix


def test_an_installation_that_was_interrupted(site: Site) -> None:
    info = site.folder / "tinytorch_tensor-0.1.0.dist-info"
    info.mkdir()
    problem = only(find_problems(site.path))
    assert (problem.kind, problem.package) == ("interrupted-installation", "tensor")
    assert str(info) in problem.fix


def test_metadata_of_where_it_came_from_that_cannot_be_read(site: Site) -> None:
    site.code("tensor")
    (site.metadata("tinytorch-tensor") / "direct_url.json").write_text("{not json")
    assert find_problems(site.path) == ()


def test_every_problem_says_what_why_and_how_to_mend_it(site: Site, elsewhere: Site) -> None:
    site.metadata("tinytorch", "0.1.0")
    site.wheel("tensor", "0.2.0")
    site.wheel("layers", requires=["tinytorch-tensor>=0.1,<0.2"])
    elsewhere.code("spatial")
    problems = find_problems([*site.path, *elsewhere.path])
    assert {problem.kind for problem in problems} == {
        "foreign-distribution",
        "version-conflict",
        "unpackaged",
    }
    for problem in problems:
        text = str(problem)
        assert problem.what in text
        assert problem.why in text
        assert problem.fix in text
        assert json.loads(problem.to_json()) == problem.to_dict()


def test_folders_that_do_not_exist_are_passed_over(site: Site, tmp_path: Path) -> None:
    assert find_problems([str(tmp_path / "nowhere"), *site.path]) == ()
